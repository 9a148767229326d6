// Owns the answer to "what goes away together": the sessions and transports that end with a participant, a transport,
// a publication or a list of tracks. `evolve` removes them and `notify` tells of them, so that one event is enough for
// an end of any size and no state in between has a subscription without its source, or work without its session.
import type { RoomState, Stream, Subscription, Track } from './state.ts';

export type Ending =
  | { readonly of: 'room' }
  | { readonly of: 'participant'; readonly id: string }
  | { readonly of: 'transport'; readonly id: string }
  | { readonly of: 'stream'; readonly id: string }
  | { readonly of: 'subscription'; readonly id: string }
  /** A stream goes on with other tracks than before. */
  | { readonly of: 'tracks'; readonly stream: string; readonly kept: readonly Track[] };

export interface Removal {
  /** Who leaves, and the peers of calls that end. */
  readonly participants: readonly string[];
  readonly transports: readonly string[];
  readonly streams: readonly Stream[];
  /** Subscriptions that belong to what ends. */
  readonly subscriptions: readonly Subscription[];
  /** Subscriptions of others, or on other transports, that lose a source by it. */
  readonly orphans: readonly Subscription[];
}

/** What an ending takes with it (room-model §6.4). Ids that do not exist take nothing. */
export function removal(state: RoomState, named: Ending): Removal {
  const ending = whole(state, named);
  if (ending.of === 'subscription') {
    const subscription = state.subscriptions.get(ending.id);
    const subscriptions = subscription === undefined ? [] : [subscription];
    return { participants: [], transports: [], streams: [], subscriptions, orphans: [] };
  }
  const transports = [...state.transports.values()].filter((transport) => {
    if (ending.of === 'room') return true;
    if (ending.of === 'participant') return transport.owner === ending.id;
    return ending.of === 'transport' && transport.id === ending.id;
  });
  const streams = [...state.streams.values()].filter(
    (stream) => belongs(stream, ending) || isStream(stream, ending),
  );
  const subscriptions: Subscription[] = [];
  const orphans: Subscription[] = [];
  const loses = sourceLoss(streams, ending);
  for (const subscription of state.subscriptions.values()) {
    if (belongs(subscription, ending)) subscriptions.push(subscription);
    else if (loses(subscription)) orphans.push(subscription);
  }
  const idle = orphans.filter(({ id }) => hasWork(state, id));
  const further = takenAlong(state, idle, new Set([...streams, ...subscriptions, ...orphans]));
  return {
    participants: ending.of === 'participant' && state.participants.has(ending.id) ? [ending.id] : [],
    transports: [...transports, ...idle, ...further.idle].map(({ id }) => id),
    streams: [...streams, ...further.streams],
    subscriptions,
    orphans: [...orphans, ...further.orphans],
  };
}

function hasWork({ transports }: RoomState, transport: string): boolean {
  return transports.get(transport)?.work !== undefined;
}

/** An analysis that has lost its source takes along what it publishes, and so on with whoever has that. */
function takenAlong(
  state: RoomState,
  idle: readonly Subscription[],
  known: ReadonlySet<Stream | Subscription>,
) {
  const seen = new Set(known);
  const [streams, orphans, further]: [Stream[], Subscription[], Subscription[]] = [[], [], []];
  let ended = new Set(idle.map(({ id }) => id));
  while (ended.size > 0) {
    const gone = [...state.streams.values()].filter((each) => !seen.has(each) && ended.has(each.transport));
    const lost = new Set(gone.map(({ id }) => id));
    const losing = [...state.subscriptions.values()].filter(
      (each) => !seen.has(each) && each.tracks.some(({ stream }) => lost.has(stream)),
    );
    for (const each of [...gone, ...losing]) seen.add(each);
    const work = losing.filter(({ id }) => hasWork(state, id));
    streams.push(...gone);
    orphans.push(...losing);
    further.push(...work);
    ended = new Set(work.map(({ id }) => id));
  }
  return { streams, orphans, idle: further };
}

/** Work ends with the session that has its id, and the peer of a call leaves with it. */
function whole({ transports }: RoomState, ending: Ending): Ending {
  if (ending.of !== 'transport' && ending.of !== 'stream' && ending.of !== 'subscription') return ending;
  const transport = transports.get(ending.id);
  if (transport?.work === undefined) return ending;
  if (transport.work.do === 'call') return { of: 'participant', id: transport.owner };
  return { of: 'transport', id: transport.id };
}

/** Everything but one publication or subscription ends by what its sessions belong to. */
type Whole = Exclude<Ending, { of: 'subscription' }>;

function belongs(session: { readonly owner: string; readonly transport: string }, ending: Whole): boolean {
  switch (ending.of) {
    case 'room':
      return true;
    case 'participant':
      return session.owner === ending.id;
    case 'transport':
      return session.transport === ending.id;
    case 'stream':
    case 'tracks':
      return false;
  }
}

function isStream(stream: Stream, ending: Whole): boolean {
  return ending.of === 'stream' && stream.id === ending.id;
}

function sourceLoss(streams: readonly Stream[], ending: Whole): (subscription: Subscription) => boolean {
  if (ending.of === 'tracks') {
    const kept = new Set(ending.kept.map((track) => track.id));
    return ({ tracks }) =>
      tracks.some(({ stream, track }) => stream === ending.stream && track !== undefined && !kept.has(track));
  }
  const lost = new Set(streams.map((stream) => stream.id));
  return ({ tracks }) => lost.size > 0 && tracks.some((track) => lost.has(track.stream));
}
