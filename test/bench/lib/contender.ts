// Owns what forwarding and join benchmarks ask of a server, and its two answers: Sluice and Janus VideoRoom.
import { startSluice } from '../../support/server.ts';
import { JanusSession, networkInterface, startJanus } from './janus.ts';
import { Publisher, Receiver } from './peer.ts';
import { SluiceClient, token } from './sluice.ts';

export interface Stage {
  /** The process that handles media, whose CPU time and memory count. */
  readonly mediaPid: number;
  /** All processes of the server. */
  readonly pids: readonly number[];
  publish(payloadBytes: number, packetsPerSecond: number): Promise<Publisher>;
  /** From nothing to a connected receiver, with the signaling round trips it took. */
  join(watch: boolean): Promise<{ receiver: Receiver; roundTrips: number; close(): void }>;
  stop(): Promise<void>;
}

export async function sluiceStage(): Promise<Stage> {
  const server = await startSluice();
  const owner = await SluiceClient.join(server.url, await token(server.url, 'publisher'));
  return {
    mediaPid: server.workerPid(),
    pids: [server.pid, server.workerPid()],
    publish: (bytes, pps) => Publisher.connect((offer) => owner.publish(offer), bytes, pps),
    async join(watch) {
      // The token is the application's affair, as Janus has none.
      const joinToken = await token(server.url, 'receiver');
      const client = await SluiceClient.join(server.url, joinToken);
      const stream = await client.stream();
      const receiver = await Receiver.offer((offer) => client.subscribe(stream, offer), watch);
      return {
        receiver,
        roundTrips: client.roundTrips,
        close() {
          receiver.close();
          client.close();
        },
      };
    },
    async stop() {
      owner.close();
      await server.stop();
    },
  };
}

export async function janusStage(): Promise<Stage> {
  const janus = await startJanus();
  const owner = await JanusSession.open(janus.port);
  const room = 1234;
  await owner.createRoom(room);
  let feed = 0;
  return {
    mediaPid: janus.pid,
    pids: [janus.pid],
    publish: (bytes, pps) =>
      Publisher.connect(
        async (offer) => {
          const published = await owner.publish(room, offer);
          feed = published.feed;
          return published.answer;
        },
        bytes,
        pps,
        networkInterface.address,
      ),
    async join(watch) {
      const client = await JanusSession.open(janus.port);
      const receiver = await Receiver.answer(
        (answer) => client.subscribe(room, feed, answer),
        watch,
        networkInterface.address,
      );
      return {
        receiver,
        roundTrips: client.roundTrips,
        close() {
          receiver.close();
          client.close();
        },
      };
    },
    async stop() {
      owner.close();
      await janus.stop();
    },
  };
}
