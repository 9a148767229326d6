// Owns the proof that mixing can run on another worker than access: what is said goes over the link to the mixer, and the
// mix comes back over it.
import { afterEach, describe, expect, it } from 'vitest';
import { channels } from '../../schemas/bus.ts';
import { newRoomDocument } from '../../edge/management/room-document.ts';
import { TestClient } from '../../workers/webrtc/testing/test-client.ts';
import { rtpPacket } from '../../workers/webrtc/testing/test-packets.ts';
import { startWorkerCluster, until, type WorkerCluster } from '../support/worker-cluster.ts';

const opus = { type: 111, periodMs: 20, ticks: 960, silence: Buffer.from([0xf8, 0xff, 0xfe]) } as const;

describe('a room whose access worker does not mix', { timeout: 90_000 }, () => {
  let cluster: WorkerCluster;
  let ends: (() => void)[] = [];

  afterEach(async () => {
    for (const end of ends) end();
    ends = [];
    await cluster.close();
  });

  /** A participant of its own with one audio m-line. */
  const connect = async (
    participant: string,
    direction: 'sendonly' | 'recvonly',
    ssrc?: number,
  ): Promise<TestClient> => {
    const client = new TestClient();
    ends.push(() => client.close());
    const line = { mid: '0', kind: 'audio', direction, ...(ssrc === undefined ? {} : { ssrc }) } as const;
    const offer = { type: 'offer', sdp: await client.offer([line]) } as const;
    const { answer = '' } = await cluster.room.signal(participant, participant, offer);
    client.accept(answer);
    await client.open();
    return client;
  };

  /** One speaks on the access worker, another one there hears the mix; resolves once packets of it come. */
  const listen = async (mixers: readonly string[]): Promise<TestClient> => {
    cluster = await startWorkerCluster(
      [
        { id: 'door', region: 'house', purposes: ['webrtc'] },
        ...mixers.map((id) => ({ id, region: 'house', purposes: ['audio' as const, 'video' as const] })),
      ],
      newRoomDocument('', { name: 'mixed', options: {} }),
    );
    const { room } = cluster;
    await cluster.enter('speaker', 'house');
    await cluster.enter('listener', 'house');
    const published = await room.execute({
      type: 'publish',
      participant: 'speaker',
      session: 'speaker',
      request: { media: { tracks: [{ type: 'audio', mid: '0', source: 'mic' }] } },
    });
    expect(published).toMatchObject({ ok: true });
    const speaker = await connect('speaker', 'sendonly', 1000);
    let sequence = 0;
    const speaking = setInterval(() => {
      sequence++;
      const timestamp = sequence * opus.ticks;
      speaker.send(rtpPacket({ type: opus.type, ssrc: 1000, sequence, timestamp, payload: opus.silence }));
    }, opus.periodMs);
    ends.unshift(() => clearInterval(speaking));
    await until(() => room.state.streams.get('speaker')?.phase === 'ready', 'the stream is ready');
    await room.execute({ type: 'mix', actor: 'server', stream: 'speaker', view: 'common' });
    const subscribed = await room.execute({
      type: 'subscribe',
      participant: 'listener',
      session: 'listener',
      request: { media: { tracks: [{ type: 'audio', mid: '0', from: mixed() }] } },
    });
    expect(subscribed).toMatchObject({ ok: true });
    const listener = await connect('listener', 'recvonly');
    await listener.until(() => listener.packets.length > 50, 30_000);
    return listener;
  };

  const mixed = (): string => `${cluster.room.id}-common`;

  it('hears the mix of a worker that nobody is connected to', async () => {
    await listen(['hall']);
    expect(cluster.room.state.mixing).toEqual({ worker: 'hall' });
    const [[door], [hall]] = await Promise.all([cluster.links('door'), cluster.links('hall')]);
    expect(door).toMatchObject({ peer: 'hall', state: 'up' });
    expect(door?.outgoing.map(({ track }) => track)).toEqual(['speaker-0']);
    expect(door?.incoming.map(({ track }) => track)).toEqual([`${mixed()}/opus_48000_2`]);
    expect(hall?.outgoing.map(({ track }) => track)).toEqual([`${mixed()}/opus_48000_2`]);
    expect(hall?.received.packets).toBeGreaterThan(0);
    const mixers = await cluster.room.mixerStats();
    expect(mixers.map(({ kind }) => kind)).toEqual(['audio']);
  });

  it('cluster#19 hears it again when that worker is killed, without doing anything', async () => {
    const listener = await listen(['hall', 'annex']);
    const first = cluster.room.state.mixing?.worker ?? '';
    process.kill(cluster.pid(first), 'SIGKILL');
    await until(
      () => cluster.room.state.mixing?.worker === (first === 'hall' ? 'annex' : 'hall'),
      'it is elsewhere',
    );
    const before = listener.packets.length;
    await listener.until(() => listener.packets.length > before + 50, 30_000);
    const first16 = listener.packets[0]?.sequence ?? 0;
    const numbers = new Set(listener.packets.map(({ sequence }) => (sequence - first16) & 0xffff));
    expect(numbers.size).toBe(Math.max(...numbers) + 1);
    expect(new Set(listener.packets.map(({ ssrc }) => ssrc)).size).toBe(1);
    expect([...cluster.room.state.subscriptions.keys()]).toEqual(['listener']);
  });

  it('cluster#19 F9: goes to another worker when its own drains, and the mix is heard on', async () => {
    const listener = await listen(['hall', 'annex']);
    const { room, ports } = cluster;
    const before = room.state.mixing?.worker ?? '';
    const other = before === 'hall' ? 'annex' : 'hall';
    // The longest silence from now on, seen from outside.
    let heardAt = performance.now();
    let longestMs = 0;
    let { length } = listener.packets;
    const watching = setInterval(() => {
      const now = performance.now();
      longestMs = Math.max(longestMs, now - heardAt);
      if (listener.packets.length > length) heardAt = now;
      ({ length } = listener.packets);
    }, 5);
    ends.unshift(() => clearInterval(watching));
    await ports.bus.request(channels.worker(before), { type: 'drain', on: true }, 5000);
    await until(() => room.state.mixing?.worker === other, 'the mixers are elsewhere');
    const { length: moved } = listener.packets;
    await until(() => listener.packets.length > moved + 50, 'the mix is heard on');
    // It is bounded by the connection between two workers that is made then, not by anybody's patience.
    expect(longestMs).toBeLessThan(5000);
    if (process.env.SLUICE_LONG === '1')
      console.log(`silence while the mixers moved: ${Math.round(longestMs)} ms`);
    // Nothing is left for the old one to end.
    await until(async () => {
      const reply = await ports.bus.request(channels.worker(before), { type: 'drain', on: true }, 5000);
      return JSON.stringify(reply) === '{"rooms":0}';
    }, 'the old worker is empty');
  });
});
