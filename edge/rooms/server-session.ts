// Owns what of a room's state is one session of the server itself: a transport with work, and the publication and
// subscription on it. Both have the transport's id, but for what the peer of a call gets.
import type { ServerSessionKind } from '../../schemas/server-session.ts';
import type { Work } from '../../schemas/work.ts';
import type { RoomState, Stream, Subscription, Transport } from './state.ts';

export interface ServerSession {
  readonly kind: ServerSessionKind;
  readonly transport: Transport;
  readonly work: Work;
  readonly stream?: Stream;
  readonly subscription?: Subscription;
}

const kinds = {
  pull: 'streaming-in',
  push: 'streaming-out',
  record: 'recording',
  analyse: 'analytics',
  call: 'sip-call',
} as const satisfies Record<Work['do'], ServerSessionKind>;

/** The subscription's id of the session with this id. */
export function outputId(id: string, { do: what }: Pick<Work, 'do'>): string {
  return what === 'call' ? `${id}-output` : id;
}

export function serverSession(state: RoomState, id: string): ServerSession | undefined {
  const transport = state.transports.get(id);
  return transport && sessionOn(state, transport);
}

/** In the order in which they were started. */
export function serverSessions(state: RoomState): readonly ServerSession[] {
  return [...state.transports.values()].flatMap((transport) => sessionOn(state, transport) ?? []);
}

function sessionOn({ streams, subscriptions }: RoomState, transport: Transport): ServerSession | undefined {
  const { id, work } = transport;
  if (work === undefined) return undefined;
  const stream = streams.get(id);
  const subscription = subscriptions.get(outputId(id, work));
  return {
    kind: kinds[work.do],
    transport,
    work,
    ...(stream === undefined ? {} : { stream }),
    ...(subscription === undefined ? {} : { subscription }),
  };
}

/** Whether its worker has said that all of it runs. */
export function isUp({ transport, stream, subscription }: ServerSession): boolean {
  return (
    transport.phase === 'ready' && stream?.phase !== 'connecting' && subscription?.phase !== 'connecting'
  );
}
