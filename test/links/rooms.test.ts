// Owns the proof that a room whose participants sit on different workers works: real worker processes, real connections,
// placed by region as in a cluster.
import { afterEach, describe, expect, it } from 'vitest';
import type { Publisher, Receiver } from '../bench/lib/peer.ts';
import { startWorkerCluster, until, type WorkerCluster } from '../support/worker-cluster.ts';

describe('a room over two workers', { timeout: 90_000 }, () => {
  let cluster: WorkerCluster | undefined;
  let ends: (() => void)[] = [];

  afterEach(async () => {
    for (const end of ends) end();
    ends = [];
    await cluster?.close();
    cluster = undefined;
  });

  const start = async (): Promise<WorkerCluster> => {
    cluster = await startWorkerCluster([
      { id: 'west', region: 'west' },
      { id: 'east', region: 'east' },
    ]);
    return cluster;
  };

  const publish = async (owner: string, region: string, packetsPerSecond: number): Promise<Publisher> => {
    const publisher = await cluster?.publish(owner, region, packetsPerSecond);
    if (!publisher) throw new Error('there is no cluster');
    const stop = publisher.pace(packetsPerSecond);
    ends.push(stop, () => publisher.close());
    return publisher;
  };

  const watch = async (participant: string, region: string, stream: string): Promise<Receiver> => {
    const receiver = await cluster?.subscribe(participant, region, stream);
    if (!receiver) throw new Error('there is no cluster');
    ends.push(() => receiver.close());
    return receiver;
  };

  it('carries a stream to three subscribers elsewhere, and over the link once', async () => {
    const { room, links } = await start();
    const publisher = await publish('p', 'west', 200);
    const here = await watch('h', 'west', 'p');
    const there = [
      await watch('a', 'east', 'p'),
      await watch('b', 'east', 'p'),
      await watch('c', 'east', 'p'),
    ];
    await until(() => [here, ...there].every(({ packets }) => packets > 200), 'packets come');
    for (const end of ends) end();
    ends = [];
    const workers = [...room.state.transports.values()].map(({ id, worker }) => [id, worker]);
    expect(new Map(workers.map(([id, worker]) => [id?.slice(0, 1), worker]))).toEqual(
      new Map([
        ['p', 'west'],
        ['h', 'west'],
        ['a', 'east'],
        ['b', 'east'],
        ['c', 'east'],
      ]),
    );
    const [[out], [into]] = await Promise.all([links('west'), links('east')]);
    expect(out).toMatchObject({ peer: 'east', state: 'up', connections: 1, incoming: [] });
    expect(into).toMatchObject({ peer: 'west', state: 'up', connections: 1, outgoing: [] });
    expect(out?.outgoing.map(({ track }) => track)).toEqual(['p-0']);
    expect(into?.incoming.map(({ track }) => track)).toEqual(['p-0']);
    // Three take it, it crosses once.
    expect(out?.sent.packets).toBeLessThanOrEqual(publisher.sent);
    expect(out?.sent.packets).toBeGreaterThan(200);
  });

  it('asks across the link for the key frame that who comes later waits for', async () => {
    const { links } = await start();
    await publish('p', 'west', 200);
    const asked = async (): Promise<number> => (await links('west'))[0]?.sent.plis ?? 0;
    // One that comes just before a key frame needs to ask for none.
    for (let late = 0; late < 12 && (late < 2 || (await asked()) === 0); late++) {
      const receiver = await watch(`late-${late}`, 'east', 'p');
      await until(() => receiver.packets > 0, 'packets come');
    }
    expect(await asked()).toBeGreaterThan(0);
  });

  it('carries both ways, and nothing any more once nobody takes it', async () => {
    const { room, links } = await start();
    await publish('p', 'west', 100);
    await publish('q', 'east', 100);
    const receivers = [await watch('a', 'east', 'p'), await watch('b', 'west', 'q')];
    await until(() => receivers.every(({ packets }) => packets > 50), 'packets come');
    const [link] = await links('west');
    expect(link?.outgoing.map(({ track }) => track)).toEqual(['p-0']);
    expect(link?.incoming.map(({ track }) => track)).toEqual(['q-0']);
    for (const [participant, session] of [
      ['a', 'a-p'],
      ['b', 'b-q'],
    ] as const) {
      await room.execute({ type: 'unsubscribe', actor: { participant }, session });
    }
    await until(async () => {
      const [[west], [east]] = await Promise.all([links('west'), links('east')]);
      return [west, east].every((end) => !end || end.outgoing.length + end.incoming.length === 0);
    }, 'nothing crosses');
  });
});
