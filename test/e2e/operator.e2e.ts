// Owns the proof that an operator sees of a cluster's processes what they do, that they are ready when they are, and that
// they live while Redis is away.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { edgeFamilies } from '../../edge/metrics/edge-families.ts';
import { hostFamilies } from '../../edge/metrics/host-families.ts';
import { processFamilies } from '../../edge/metrics/process-families.ts';
import { redisFamilies } from '../../edge/metrics/redis-families.ts';
import { readScrape, type Scraped } from '../../edge/metrics/scripted-scrape.ts';
import { freePort } from '../../edge/platform/node/free-port.ts';
import type { MetricFamily } from '../../schemas/metric.ts';
import { workerFamilies } from '../../schemas/worker-metrics.ts';
import { inTime, receive, send } from '../support/call.ts';
import { type EdgeMember, TestCluster, type WorkerMember } from '../support/cluster.ts';
import { sampleToken, SignalClient } from '../support/signal-client.ts';

let cluster: TestCluster;
let edge: EdgeMember;
let workers: WorkerMember;
let ofEdge: string;
let ofWorkers: string;

beforeAll(async () => {
  cluster = await TestCluster.start();
  const [first, second] = [await freePort(), await freePort()];
  const env = (port: number) => ({ SLUICE_METRICS_PORT: String(port), SLUICE_LOG_FORMAT: 'json' });
  edge = await cluster.edge({ env: env(first) });
  workers = await cluster.workers({ args: ['--processes', '1'], env: env(second) });
  ofEdge = `http://127.0.0.1:${first}`;
  ofWorkers = `http://127.0.0.1:${second}`;
}, 90_000);
afterAll(() => cluster.stop());

type Scrape = ReadonlyMap<string, Scraped>;

async function scrape(of: string): Promise<Scrape> {
  const response = await fetch(`${of}/metrics`);
  expect(response.headers.get('content-type')).toContain('version=0.0.4');
  return readScrape(await response.text());
}

const value = (scraped: Scrape, { name }: MetricFamily, labels = '') =>
  scraped.get(name)?.samples.get(labels);
const status = async (url: string) => (await fetch(url)).status;
const inTimeFor = (look: () => Promise<void>) => vi.waitFor(look, { timeout: 30_000, interval: 200 });

it('figures of edge and worker host are complete, right, and name nobody', async () => {
  const [ann, bob] = await Promise.all(
    ['ann', 'bob'].map(async (user) => SignalClient.join(edge.url, await sampleToken(edge.url, user))),
  );
  if (ann === undefined || bob === undefined) throw new Error('nobody joined');
  const sending = await vi.waitFor(() => send(ann), { timeout: 30_000, interval: 300 });
  const receiving = await receive(bob, sending.session.id);
  await inTime(receiving.firstPacket);
  await expect(bob.ask({ do: 'unpublish', request: { id: 'nothing' } })).rejects.toThrow();

  const seen = await scrape(ofEdge);
  for (const { name, type } of [processFamilies, redisFamilies, edgeFamilies].flatMap((each) =>
    Object.values<MetricFamily>(each),
  ))
    expect(seen.get(name)?.type, name).toBe(type);
  expect(value(seen, edgeFamilies.connections, 'protocol="sluice"')).toBe(2);
  expect(value(seen, edgeFamilies.participants, 'state="joined"')).toBe(2);
  expect(value(seen, edgeFamilies.rooms, 'role="conducted"')).toBe(1);
  expect(value(seen, edgeFamilies.requests, 'verb="join",outcome="ok"')).toBe(2);
  expect(value(seen, edgeFamilies.requestSeconds, '_count{verb="publish"}')).toBeGreaterThanOrEqual(1);
  expect(value(seen, edgeFamilies.tokensIssued)).toBe(2);
  expect(value(seen, edgeFamilies.tokensRedeemed, 'outcome="ok"')).toBe(2);
  expect(value(seen, edgeFamilies.http, 'method="POST",route="/tokens",status="200"')).toBe(2);
  expect(value(seen, edgeFamilies.events)).toBeGreaterThan(4);
  expect(value(seen, edgeFamilies.picks, 'purpose="webrtc",outcome="picked"')).toBeGreaterThanOrEqual(1);
  expect(value(seen, redisFamilies.up, 'store="rooms"')).toBe(1);
  expect(value(seen, processFamilies.ready)).toBe(1);
  expect(value(seen, processFamilies.dropped)).toBe(0);
  const refused = [...(seen.get(edgeFamilies.requests.name)?.samples ?? [])].filter(([labels]) =>
    labels.startsWith('verb="unpublish"'),
  );
  expect(refused).toHaveLength(1);
  expect(refused[0]?.[0]).not.toContain('"ok"');

  await inTimeFor(async () => {
    const media = await scrape(ofWorkers);
    for (const { name, type } of [processFamilies, redisFamilies, hostFamilies, workerFamilies].flatMap(
      (each) => Object.values<MetricFamily>(each),
    ))
      expect(media.get(name)?.type, name).toBe(type);
    expect(value(media, workerFamilies.packets, 'worker="0",direction="in"')).toBeGreaterThan(50);
    expect(value(media, workerFamilies.packets, 'worker="0",direction="out"')).toBeGreaterThan(50);
    expect(value(media, workerFamilies.transports, 'worker="0"')).toBe(2);
    expect(value(media, workerFamilies.rooms, 'worker="0"')).toBe(1);
    expect(value(media, hostFamilies.up, 'worker="0"')).toBe(1);
  });

  const texts = await Promise.all(
    [ofEdge, ofWorkers].map(async (of) => (await fetch(`${of}/metrics`)).text()),
  );
  for (const id of [edge.sample.room, ann.joined?.participant.id ?? '', sending.session.id, edge.sample.key])
    expect(texts.join('')).not.toContain(id);
  // Bounded, whatever goes on: a scrape is some tens of kilobytes.
  for (const text of texts) expect(text.length).toBeLessThan(100_000);
  // Each line of log is an object; the worker's lines come in the same form through its parent.
  const lines = [...edge.output().split('\n'), ...workers.output().split('\n')].filter((line) =>
    line.startsWith('{'),
  );
  const said = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(said.some((line) => typeof line.edge === 'string' && line.process === line.edge)).toBe(true);
  expect(
    said.some((line) => String(line.process).startsWith('worker ') && typeof line.worker === 'string'),
  ).toBe(true);
  sending.close();
  receiving.close();
  await ann.leave();
  await bob.leave();
});

it('while Redis is away every process lives, none is ready, and all are again when it is back', async () => {
  const pages = [edge.url, ofEdge, ofWorkers];
  await inTimeFor(async () => {
    for (const page of pages) expect(await status(`${page}/readyz`)).toBe(200);
  });
  const { back } = await cluster.killRedis();
  await inTimeFor(async () => {
    for (const page of pages) {
      const response = await fetch(`${page}/readyz`);
      expect([response.status, await response.text()]).toEqual([503, expect.stringContaining('is away')]);
    }
  });
  for (const page of pages) expect(await status(`${page}/healthz`)).toBe(200);
  const seen = await scrape(ofEdge);
  expect(value(seen, redisFamilies.up, 'store="rooms"')).toBe(0);
  expect(value(seen, processFamilies.ready)).toBe(0);
  await back('its data');
  await inTimeFor(async () => {
    for (const page of pages) expect(await status(`${page}/readyz`)).toBe(200);
  });
  const again = await scrape(ofEdge);
  expect(value(again, redisFamilies.connects, 'store="rooms"')).toBe(2);
  expect(value(again, redisFamilies.resubscribes, 'store="rooms"')).toBeGreaterThan(0);
});

it('a signal makes a process say that it drains, and wait for its clients; a second one ends it well', async () => {
  const port = await freePort();
  const page = `http://127.0.0.1:${port}`;
  const going = await cluster.edge({
    env: { SLUICE_METRICS_PORT: String(port), SLUICE_EDGE_DRAIN_SECONDS: '3600' },
  });
  const client = await SignalClient.join(going.url, await sampleToken(going.url, 'ann'));
  going.kill('SIGTERM');
  await inTimeFor(async () => {
    const response = await fetch(`${page}/readyz`);
    expect([response.status, await response.text()]).toEqual([503, 'draining\n']);
  });
  expect(value(await scrape(page), processFamilies.draining)).toBe(1);
  expect(await status(`${page}/healthz`)).toBe(200);
  // It is sent away, and goes nowhere.
  expect(await client.closed).toBe(1012);
  going.kill('SIGTERM');
  expect(await going.ended).toBe(0);
});
