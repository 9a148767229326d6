import * as v from 'valibot';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Bus } from '../../schemas/bus.ts';
import { SluiceError } from '../../schemas/error.ts';
import { workerReportSchema, type ReportItem } from '../../schemas/worker.ts';
import { ReportQueue } from './report-queue.ts';
import { ManualClock } from './testing/manual-clock.ts';

const item = (id: number): ReportItem => ({ type: 'transport-ready', transport: String(id) });
const range = (from: number, to: number): ReportItem[] =>
  Array.from({ length: to - from }, (_, index) => item(from + index));

describe('ReportQueue', () => {
  let clock: ManualClock;
  let sent: { channel: string; items: ReportItem[] }[];
  let answer: () => Promise<unknown>;
  let lost: string[];
  let queue: ReportQueue;

  beforeEach(() => {
    clock = new ManualClock();
    sent = [];
    lost = [];
    answer = () => Promise.resolve({ ok: true });
    const bus: Pick<Bus, 'request'> = {
      request: (channel, message) => {
        sent.push({ channel, items: v.parse(workerReportSchema, message).items });
        return answer();
      },
    };
    queue = new ReportQueue({
      worker: 'w',
      bus: {
        publish: () => undefined,
        subscribe: () => () => undefined,
        serve: () => () => undefined,
        close: () => undefined,
        ...bus,
      },
      clock,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      lost: (room) => lost.push(room),
    });
    queue.hold('r');
  });

  it('sends at once, and what came meanwhile in order behind it', async () => {
    queue.add('r', [item(1)]);
    queue.add('r', [item(2), item(3)]);
    await clock.advance(0);
    expect(sent).toEqual([
      { channel: 'room.r.reports', items: [item(1)] },
      { channel: 'room.r.reports', items: [item(2), item(3)] },
    ]);
  });

  it('sends again every 200 ms until acknowledged, keeping the order', async () => {
    answer = () => Promise.reject(new SluiceError('unavailable', 'nobody'));
    queue.add('r', [item(1)]);
    await clock.advance(100);
    queue.add('r', [item(2)]);
    await clock.advance(400);
    expect(sent.map(({ items }) => items.length)).toEqual([1, 2, 2]);
    answer = () => Promise.resolve({ ok: true });
    await clock.advance(1000);
    expect(sent.at(-1)?.items).toEqual([item(1), item(2)]);
    expect(sent).toHaveLength(4);
  });

  it('takes a refusal as final for those items only', async () => {
    answer = () => Promise.reject(new SluiceError('bad-request', 'malformed'));
    queue.add('r', [item(1)]);
    await clock.advance(0);
    answer = () => Promise.resolve({ ok: true });
    queue.add('r', [item(2)]);
    await clock.advance(1000);
    expect(sent.map(({ items }) => items)).toEqual([[item(1)], [item(2)]]);
  });

  it('keeps the newest 2000 items', async () => {
    answer = () => Promise.reject(new SluiceError('unavailable', 'nobody'));
    queue.add('r', range(0, 3000));
    await clock.advance(100);
    answer = () => Promise.resolve({ ok: true });
    sent.length = 0;
    await clock.advance(200);
    expect(sent.flatMap(({ items }) => items)).toEqual(range(1000, 3000));
  });

  it('gives a room up after a minute without its conductor', async () => {
    answer = () => Promise.reject(new SluiceError('unavailable', 'nobody'));
    queue.add('r', [item(1)]);
    await clock.advance(59_000);
    expect(lost).toEqual([]);
    await clock.advance(2000);
    expect(lost).toEqual(['r']);
    sent.length = 0;
    await clock.advance(10_000);
    expect(sent).toEqual([]);
  });

  it('notices a missing conductor without any news', async () => {
    answer = () => Promise.reject(new SluiceError('unavailable', 'nobody'));
    await clock.advance(14_000);
    expect(sent).toEqual([]);
    await clock.advance(62_000);
    expect(lost).toEqual(['r']);
  });

  it('tells each room where it lives, and follows one that begins anew elsewhere', async () => {
    queue.hold('away', 'west');
    queue.add('r', [item(1)]);
    queue.add('away', [item(2)]);
    await clock.advance(0);
    queue.hold('away', 'east');
    queue.add('away', [item(3)]);
    await clock.advance(0);
    expect(sent).toEqual([
      { channel: 'room.r.reports', items: [item(1)] },
      { channel: 'room.away.reports@west', items: [item(2)] },
      { channel: 'room.away.reports@east', items: [item(3)] },
    ]);
  });

  it('drops reports of rooms it does not hold', async () => {
    queue.release('r');
    queue.add('r', [item(1)]);
    await clock.advance(20_000);
    expect(sent).toEqual([]);
  });
});
