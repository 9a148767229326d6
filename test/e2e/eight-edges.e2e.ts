// Eight edges, each a process, in one room at 5,000 commands a second: every command once and in order at every edge and in
// the log, and no edge starves. With SLUICE_LONG=1 for a minute, and it says how late acknowledgements are at each edge.
import { afterEach, describe, expect, it } from 'vitest';
import { latencyAt } from '../support/room-crowd/latencies.ts';
import { RoomCrowd } from '../support/room-crowd/room-crowd.ts';

const long = process.env.SLUICE_LONG === '1';
const seconds = long ? 60 : 2;
const edges = 8;
const perSecond = 5000;

let crowd: RoomCrowd | undefined;
afterEach(() => crowd?.stop());

describe('eight edges in one room', () => {
  it('write each of 5,000 commands a second once and in order, and none of them starves', async () => {
    crowd = await RoomCrowd.start({ edges, participants: 64, keepEntries: 90_000 });
    const talks = await crowd.talk(seconds, perSecond);
    const proof = await crowd.proof();
    expect(proof.wrong).toEqual([]);
    // Chance decides how many come: within one in twenty of what is expected of each edge in the long run.
    expect(proof.acked).toBeGreaterThan(perSecond * seconds * 0.9);
    expect(proof.read).toBeGreaterThan(Math.min(proof.acked, 80_000) - 1);
    for (const { acked } of talks) expect(acked).toBeGreaterThan((perSecond * seconds * 0.8) / edges);
    if (!long) return;
    for (const [index, { acked, latencies, slowestMs }] of talks.entries()) {
      const [p50, p99] = [0.5, 0.99].map((p) => latencyAt([latencies], p).toFixed(2));
      console.log(
        `edge ${index}: ${acked} acknowledged, p50 ${p50} ms, p99 ${p99} ms, slowest ${slowestMs.toFixed(0)} ms`,
      );
    }
  });
});
