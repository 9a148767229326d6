// Owns which transport a new session goes on: a named one of its owner's with free mids, or a new one.
import type { RoomEvent } from './event.ts';
import { refuse } from './decision.ts';
import type { OpenRoom, Refused } from './decision.ts';
import { nowhere } from './nowhere.ts';
import type { Transport } from './state.ts';

/** How much one participant may have. A transport outlives its sessions, so it has a bound of its own. */
export const ownership = { sessions: 512, transports: 128 } as const;

export interface NewSession {
  readonly id: string;
  readonly owner: string;
  readonly mids: readonly string[];
  /** The transport named in the request, if any. */
  readonly transport: string | undefined;
}

export type TransportChoice =
  { readonly ok: true; readonly transport: string; readonly events: readonly RoomEvent[] } | Refused;

/**
 * The transport for a session that passed its other checks. Without a name it is a new one with the session's id, as
 * the SDK needs it (portal-protocol §7.1); `events` then open it.
 */
export function chooseTransport(room: OpenRoom, session: NewSession): TransportChoice {
  const { id, owner, mids, transport: named } = session;
  if (new Set(mids).size !== mids.length) return refuse('bad-request', 'A mid occurs twice');
  const { count, used } = owned(room, owner, named);
  if (count >= ownership.sessions) return refuse('operation-failed', 'Too many sessions');
  if (named === undefined) return newTransport(room, id, owner);
  const transport = room.transports.get(named);
  if (transport?.owner !== owner || transport.work !== undefined) {
    return refuse('not-found', `Transport ${named} does NOT exist`);
  }
  const taken = mids.find((mid) => used.has(mid));
  if (taken !== undefined) return refuse('bad-request', `Mid ${taken} is in use on transport ${named}`);
  return { ok: true, transport: named, events: [] };
}

function newTransport(room: OpenRoom, id: string, owner: string): TransportChoice {
  if (room.transports.has(id)) return refuse('bad-request', `Transport ${id} exists`);
  const origin = room.participants.get(owner)?.origin ?? nowhere;
  const opened: RoomEvent = { type: 'transport-opened', transport: id, owner, purpose: 'webrtc', origin };
  const own = [...room.transports.values()].filter((transport) => transport.owner === owner);
  if (own.length < ownership.transports) return { ok: true, transport: id, events: [opened] };
  // Clients of protocol 1.0 and 1.1 open one a session and never reuse it: the oldest empty one makes room.
  const empty = own.find((transport) => isEmpty(room, transport));
  if (empty === undefined) return refuse('operation-failed', 'Too many transports');
  return { ok: true, transport: id, events: [{ type: 'transport-closed', transport: empty.id }, opened] };
}

function isEmpty(room: OpenRoom, transport: Transport): boolean {
  const on = (session: { readonly transport: string }) => session.transport === transport.id;
  return ![...room.streams.values()].some(on) && ![...room.subscriptions.values()].some(on);
}

/** How many sessions the owner has, and the mids they use on the named transport. One pass, copying nothing. */
function owned(
  room: OpenRoom,
  owner: string,
  named: string | undefined,
): { count: number; used: Set<string> } {
  let count = 0;
  const used = new Set<string>();
  const note = (transport: string, tracks: readonly { readonly mid: string }[]) => {
    count += 1;
    if (transport === named) for (const { mid } of tracks) used.add(mid);
  };
  for (const stream of room.streams.values()) {
    if (stream.owner === owner) note(stream.transport, stream.requested);
  }
  for (const subscription of room.subscriptions.values()) {
    if (subscription.owner === owner) note(subscription.transport, subscription.tracks);
  }
  return { count, used };
}
