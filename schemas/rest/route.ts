// Owns what is said of one route of the management interface: everything that its documentation, its tests of
// authorization and the check against the real routes need to know. It routes nothing itself.
import type * as v from 'valibot';
import type { ErrorCode } from '../error.ts';

/**
 * Who is answered: anyone; any service, about what is its own; the service that the path names and the super service; the
 * super service alone.
 */
export type Access = 'anyone' | 'service' | 'named-service' | 'super-service';

/** What an id in a path is the id of. */
export type IdKind =
  | 'service'
  | 'webhook'
  | 'room'
  | 'participant'
  | 'stream'
  | 'streamingIn'
  | 'streamingOut'
  | 'recording'
  | 'analytics'
  | 'sipcall'
  | 'node'
  | 'device';

export type RestReply =
  | { readonly type: 'json'; readonly schema: v.GenericSchema; readonly example?: unknown }
  | { readonly type: 'text'; readonly example: string }
  | { readonly type: 'empty' };

export interface RestRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With ids in braces, each named by its `IdKind`: `/v1/rooms/{room}/streams/{stream}`. */
  readonly path: string;
  /** What it belongs to, for grouping. */
  readonly tag: string;
  readonly access: Access;
  /** One line without a full stop. */
  readonly summary: string;
  /** What the summary leaves open, in whole sentences. */
  readonly details?: string;
  /** Query parameters by name. */
  readonly query?: Readonly<Record<string, { readonly schema: v.GenericSchema; readonly meaning: string }>>;
  /** The example passes the schema. */
  readonly body?: { readonly schema: v.GenericSchema; readonly example: unknown };
  readonly reply: RestReply;
  /** Beyond those that every route of its access and path can answer. */
  readonly errors?: readonly ErrorCode[];
}

/** Below `/rooms`, with the same path under `/v1` and `/v1.1`. */
export type RoomRoute = Omit<RestRoute, 'access'>;

/** The kinds of the ids in a route's path, in their order. */
export function idsOf(route: Pick<RestRoute, 'path'>): readonly string[] {
  return [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

/** Every error that a route may answer with, each once, those of its own last. */
export function errorsOf({ access, path, body, errors = [] }: RestRoute): readonly ErrorCode[] {
  const common: ErrorCode[] = [
    ...(access === 'anyone' ? [] : (['unauthenticated'] as const)),
    ...(access === 'super-service' || access === 'named-service' ? (['forbidden'] as const) : []),
    ...(path.includes('{service}') ? (['service-not-found'] as const) : []),
    ...(path.includes('{room}') ? (['room-not-found'] as const) : []),
    ...(body === undefined ? [] : (['bad-request', 'too-large'] as const)),
  ];
  return [...new Set([...common, ...errors])];
}
