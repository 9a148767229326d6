// Owns what the audio benchmark asks of a conference bridge, and its two answers: Sluice's mixed view and Janus AudioBridge.
import type { PublishRequest, SubscribeRequest } from '../../../schemas/request.ts';
import { sendCandidatesLater, withoutCandidates } from '../../support/late-candidates.ts';
import { startSluice } from '../../support/server.ts';
import { sampleToken, SignalClient, type SessionReply } from '../../support/signal-client.ts';
import { JanusSession, networkInterface, startJanus } from '../lib/janus.ts';
import { AudioPeer } from './speaker.ts';
import type { SpokenPacket } from './speech.ts';

export interface Participant {
  send(packet: SpokenPacket): void;
  report(): void;
  /** Packets of the mix that came. */
  received(): number;
  close(): void;
}

export interface Bridge {
  /** The process that handles media, whose CPU time counts. */
  readonly mediaPid: number;
  /** Somebody who speaks and hears the others. */
  join(name: string): Promise<Participant>;
  /** What the server complained of. */
  output(): string;
  stop(): Promise<void>;
}

/** Each participant has a transport for what it sends and one for what it hears, as the OWT client has. */
export async function sluiceBridge(): Promise<Bridge> {
  const server = await startSluice();
  return {
    mediaPid: server.workerPid(),
    async join(name) {
      const client = await SignalClient.join(server.url, await sampleToken(server.url, name));
      const mixed = client.joined?.room.streams.find(({ type }) => type === 'mixed');
      if (mixed === undefined) throw new Error('the room has no mixed stream');
      const publish: PublishRequest = { media: { tracks: [{ type: 'audio', mid: '0', source: 'mic' }] } };
      const subscribe: SubscribeRequest = {
        media: { tracks: [{ type: 'audio', mid: '0', from: mixed.id }] },
      };
      let stream = '';
      const up = await AudioPeer.connect('SendOnly', async (offer) => {
        const reply = await client.publish(publish, withoutCandidates(offer));
        stream = reply.id;
        return answered(client, reply, offer);
      });
      await mix(client, stream);
      const down = await AudioPeer.connect('RecvOnly', async (offer) =>
        answered(client, await client.subscribe(subscribe, withoutCandidates(offer)), offer),
      );
      return {
        send: (packet) => up.send(packet),
        report: () => down.report(),
        received: () => down.received,
        close() {
          up.close();
          down.close();
          client.break();
        },
      };
    },
    output: () =>
      server
        .output()
        .split('\n')
        .filter((line) => / (warn|error) /.test(line))
        .join('\n'),
    async stop() {
      await server.stop();
    },
  };
}

/** A stream can be mixed once it has come up. */
async function mix(client: SignalClient, stream: string): Promise<void> {
  const [view] = client.joined?.room.views ?? [];
  for (let attempt = 0; ; attempt++) {
    try {
      await client.ask({ do: 'stream-control', request: { id: stream, operation: 'mix', data: view } });
      return;
    } catch (error) {
      if (attempt === 50) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function answered(client: SignalClient, reply: SessionReply, offer: string): string {
  sendCandidatesLater(offer, (candidate) =>
    client.ask({
      do: 'signal',
      transport: reply.transportId,
      signaling: { type: 'candidate', candidate },
    }),
  );
  return withoutCandidates(reply.answer);
}

/** Told to make what Sluice makes: 48 kHz mono, 40 kbit/s, in-band FEC against the same loss. */
export async function janusBridge(): Promise<Bridge> {
  const janus = await startJanus();
  const owner = await JanusSession.open(janus.port);
  const room = 77;
  await owner.createBridge(room, {
    sampling_rate: 48_000,
    default_bitrate: 40_000,
    default_expectedloss: 6,
  });
  return {
    mediaPid: janus.pid,
    async join() {
      const session = await JanusSession.open(janus.port);
      const peer = await AudioPeer.connect(
        'SendRecv',
        (offer) => session.joinBridge(room, offer),
        networkInterface.address,
      );
      return {
        send: (packet) => peer.send(packet),
        report: () => peer.report(),
        received: () => peer.received,
        close() {
          peer.close();
          session.close();
        },
      };
    },
    output: () => '',
    async stop() {
      owner.close();
      await janus.stop();
    },
  };
}
