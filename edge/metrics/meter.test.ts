// Owns the proof that what is counted is shown, in a form that a strict reader of Prometheus' format takes.
import { expect, it } from 'vitest';
import { counter, gauge, histogram } from '../../schemas/metric.ts';
import { createMeter, type Meter } from './meter.ts';
import { reading } from './metrics.ts';
import { readScrape } from './scripted-scrape.ts';

const requests = counter('test_requests_total', ['verb', 'outcome'], 'Requests, as "they" say\\do');
const rooms = gauge('test_rooms', ['role'], 'Rooms');
const seconds = histogram('test_seconds', ['verb'], 'Time', [0.1, 1]);
const plain = counter('test_plain_total', [], 'Plain');
const errors: string[] = [];
const meterOf = (): Meter =>
  createMeter([requests, rooms, seconds, plain], { error: (message) => void errors.push(message) });

it('adds up, by labels', () => {
  const meter = meterOf();
  meter.add(requests, { verb: 'join', outcome: 'ok' });
  meter.add(requests, { verb: 'join', outcome: 'ok' }, 2);
  meter.add(requests, { verb: 'join', outcome: 'internal' });
  const { type, samples } = readScrape(meter.text()).get('test_requests_total') ?? {};
  expect(type).toBe('counter');
  expect([...(samples ?? [])]).toEqual([
    ['verb="join",outcome="ok"', 3],
    ['verb="join",outcome="internal"', 1],
  ]);
});

it('a counter without labels is 0 before its first count; what has labels has no series yet', () => {
  const scraped = readScrape(meterOf().text());
  expect(scraped.get('test_plain_total')?.samples.get('')).toBe(0);
  expect(scraped.get('test_requests_total')?.samples.size).toBe(0);
});

it('a histogram counts a value in its own bucket and all above it', () => {
  const meter = meterOf();
  for (const value of [0.1, 0.5, 7]) meter.observe(seconds, { verb: 'text' }, value);
  const samples = readScrape(meter.text()).get('test_seconds')?.samples;
  expect(samples?.get('_bucket{verb="text",le="0.1"}')).toBe(1);
  expect(samples?.get('_bucket{verb="text",le="1"}')).toBe(2);
  expect(samples?.get('_bucket{verb="text",le="+Inf"}')).toBe(3);
  expect(samples?.get('_sum{verb="text"}')).toBeCloseTo(7.6);
  expect(samples?.get('_count{verb="text"}')).toBe(3);
});

it('readings are as of now, and gone with their source; one that throws costs only its own', () => {
  const meter = meterOf();
  let live = 1;
  const stop = meter.read(() => [reading(rooms, { role: 'live' }, live)]);
  meter.read(() => {
    throw new Error('broken');
  });
  live = 4;
  expect(readScrape(meter.text()).get('test_rooms')?.samples.get('role="live"')).toBe(4);
  expect(errors).toEqual(['some figures could not be read']);
  stop();
  expect(readScrape(meter.text()).get('test_rooms')?.samples.size).toBe(0);
});

it('a counter without labels that somebody else keeps is shown once, as it is there', () => {
  const meter = meterOf();
  meter.read(() => [reading(plain, {}, 7)]);
  expect([...(readScrape(meter.text()).get('test_plain_total')?.samples ?? [])]).toEqual([['', 7]]);
  expect(meter.text().match(/^test_plain_total /gm)).toHaveLength(1);
});

it('label values are escaped', () => {
  const meter = meterOf();
  meter.add(requests, { verb: 'a"b\\c\nd', outcome: 'ok' });
  expect(meter.text()).toContain('verb="a\\"b\\\\c\\nd"');
  readScrape(meter.text());
});

it('too many label values are dropped and counted as that', () => {
  const meter = meterOf();
  for (let at = 0; at < 1200; at += 1) meter.add(requests, { verb: String(at), outcome: 'ok' });
  const scraped = readScrape(meter.text());
  expect(scraped.get('test_requests_total')?.samples.size).toBe(1000);
  expect(scraped.get('sluice_metrics_dropped_total')?.samples.get('')).toBe(200);
});

it.each([
  ['a_total 1\n', 'no sample'],
  ['# HELP a x\n# TYPE a counter\na 1', 'no line feed'],
  ['# HELP a x\n# TYPE a counter\nb 1\n', 'another family'],
  ['# HELP a x\n# TYPE a counter\na{b=1} 1\n', 'a label'],
  ['# HELP a x\n# TYPE a counter\na NaN\n', 'no number'],
  ['# HELP a x\n# TYPE a counter\na 1\na 1\n', 'twice'],
])('the reader refuses %j', (text, why) => {
  expect(() => readScrape(text)).toThrow(why);
});
