// Owns what the resource routes need: from outside once, and from the context of each request.
import type { Service } from '../../schemas/management.ts';
import type { RoomDocument } from '../../schemas/room.ts';
import type { Clock, Log, Random } from '../clock.ts';
import type { PortalFor } from '../cluster/portals.ts';
import type { Rooms } from '../rooms/live-room.ts';
import type { Directory } from '../store/directory.ts';
import type { Jobs } from '../store/jobs.ts';
import type { IceServersFor } from '../tokens/ice-servers.ts';
import type { SecretBox } from '../tokens/secret-box.ts';
import type { Tokens } from '../tokens/tokens.ts';

/** In whose name a request acts; user and role when its credentials named them. */
export interface Caller {
  readonly service: Service;
  readonly user?: string;
  readonly role?: string;
}

/** Set by the middlewares that stand before a route: `room` only below `/rooms/:room`, `request` is the request's id. */
export interface ResourceEnv {
  /** Given by the platform: the network address of the other end. */
  Bindings: { readonly address?: string };
  Variables: { body: unknown; caller: Caller; room: RoomDocument; request: string };
}

export interface ResourceDeps {
  readonly directory: Directory;
  readonly rooms: Rooms;
  readonly jobs: Jobs;
  readonly tokens: Tokens;
  /** Absent where all clients get them at join. */
  readonly iceServers?: IceServersFor;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Which address a token names. */
  readonly portalFor: PortalFor;
}

/** The two representations of streams (spec rest-api §8.1); all else is the same in both. */
export type RestVersion = 'v1' | 'v1.1';
