// Owns the smallest call: one participant that sends video packets and one that receives them, at protocol level. Its
// packets are no pictures; what a browser makes of a call is seen in test/e2e.
import { Publisher, Receiver } from '../bench/lib/peer.ts';
import type { Notice } from '../../schemas/notice.ts';
import type { ClientSignaling, PublishRequest, SubscribeRequest } from '../../schemas/request.ts';
import { sendCandidatesLater, withoutCandidates } from './late-candidates.ts';
import type { SessionReply } from './signal-client.ts';

/** What a call needs of its client. */
export interface Calling {
  ask(message: {
    readonly do: 'signal';
    readonly transport: string;
    readonly signaling: Extract<ClientSignaling, { readonly type: 'candidate' }>;
  }): Promise<unknown>;
  publish(request: PublishRequest, offer: string): Promise<SessionReply>;
  subscribe(request: SubscribeRequest, offer: string): Promise<SessionReply>;
  notice(matches: (notice: Notice) => boolean): Promise<Notice>;
}

const packetsPerSecond = 200;
const payloadBytes = 500;

export interface Sending {
  readonly session: SessionReply;
  close(): void;
}

export interface Receiving {
  readonly session: SessionReply;
  /** Resolves when media arrives. */
  readonly firstPacket: Promise<void>;
  readonly receiver: Receiver;
  close(): void;
}

/** What `request` makes of an offer, whose candidates follow. */
async function exchange(
  client: Calling,
  offer: string,
  request: (offer: string) => Promise<SessionReply>,
): Promise<{ readonly session: SessionReply; readonly answer: string }> {
  const session = await request(withoutCandidates(offer));
  sendCandidatesLater(offer, (candidate) =>
    client.ask({
      do: 'signal',
      transport: session.transportId,
      signaling: { type: 'candidate', candidate },
    }),
  );
  return { session, answer: withoutCandidates(session.answer) };
}

/** Publishes one video track, sends until closed, and resolves once the server says the stream is ready. */
export async function send(client: Calling): Promise<Sending> {
  const request = { media: { tracks: [{ type: 'video' as const, mid: '0', source: 'camera' as const }] } };
  const { connection, session } = await connected(
    client,
    (offer) => client.publish(request, offer),
    (exchanged) => Publisher.connect(exchanged, payloadBytes, packetsPerSecond),
  );
  const stop = connection.pace(packetsPerSecond);
  await client.notice((notice) => notice.type === 'session-ready' && notice.session === session.id);
  return {
    session,
    close: () => {
      stop();
      connection.close();
    },
  };
}

/** Rejects when `media` does not come in ten seconds. */
export function inTime(media: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      reject(new Error('no media'));
    }, 10_000);
    void media.then(() => {
      clearTimeout(late);
      resolve();
    });
  });
}

/** Subscribes to the video of `stream` and resolves once connected. */
export async function receive(client: Calling, stream: string): Promise<Receiving> {
  const request = { media: { tracks: [{ type: 'video' as const, mid: '0', from: stream }] } };
  const { connection, session } = await connected(
    client,
    (offer) => client.subscribe(request, offer),
    (exchanged) => Receiver.offer(exchanged, true),
  );
  return {
    session,
    firstPacket: connection.firstPacket,
    receiver: connection,
    close: () => connection.close(),
  };
}

async function connected<T>(
  client: Calling,
  request: (offer: string) => Promise<SessionReply>,
  connect: (exchanged: (offer: string) => Promise<string>) => Promise<T>,
): Promise<{ readonly connection: T; readonly session: SessionReply }> {
  const sessions: SessionReply[] = [];
  const connection = await connect(async (offer) => {
    const { session, answer } = await exchange(client, offer, request);
    sessions.push(session);
    return answer;
  });
  const [session] = sessions;
  if (session === undefined) throw new Error('connected without an exchange');
  return { connection, session };
}
