// Owns the smallest call: one participant that sends video packets and one that receives them, at protocol level. Its
// packets are no pictures; what a browser makes of a call is seen in test/e2e.
import { Publisher, Receiver } from '../bench/lib/peer.ts';
import type { SessionReply, SignalClient } from './signal-client.ts';

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

/** Publishes one video track, sends until closed, and resolves once the server says the stream is ready. */
export async function send(client: SignalClient): Promise<Sending> {
  let session: SessionReply | undefined;
  const publisher = await Publisher.connect(
    async (offer) => {
      session = await client.publish(
        { media: { tracks: [{ type: 'video', mid: '0', source: 'camera' }] } },
        offer,
      );
      return session.answer;
    },
    payloadBytes,
    packetsPerSecond,
  );
  const stop = publisher.pace(packetsPerSecond);
  if (session === undefined) throw new Error('no session');
  const { id } = session;
  await client.notice((notice) => notice.type === 'session-ready' && notice.session === id);
  return {
    session,
    close: () => {
      stop();
      publisher.close();
    },
  };
}

/** Subscribes to the video of `stream` and resolves once connected. */
export async function receive(client: SignalClient, stream: string): Promise<Receiving> {
  let session: SessionReply | undefined;
  const receiver = await Receiver.offer(async (offer) => {
    session = await client.subscribe(
      { media: { tracks: [{ type: 'video', mid: '0', from: stream }] } },
      offer,
    );
    return session.answer;
  }, true);
  if (session === undefined) throw new Error('no session');
  return { session, firstPacket: receiver.firstPacket, receiver, close: () => receiver.close() };
}
