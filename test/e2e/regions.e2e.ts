// Owns the proof that the demonstration of regions shows what it says: tokens pinned to an ISP and a region lead to the edge
// and the media worker there, and who is in one region sees who is in the other, over the relay and the distance.
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ManagementClient } from '../../deploy/rest/management-client.ts';
import type { ParentMessage } from '../../deploy/process/parent-message.ts';
import { inTime, receive, send } from '../support/call.ts';
import { SignalClient } from '../support/signal-client.ts';

type Regions = Extract<ParentMessage, { type: 'regions' }>;

const root = resolve(import.meta.dirname, '../..');
let demo: ChildProcess;
let ended: Promise<number | null>;
let regions: Regions;
let printed = '';

beforeAll(async () => {
  await promisify(execFile)(process.execPath, [join(root, 'deploy/build.mjs')]);
  demo = fork(join(root, 'build/server/demo-regions.js'), ['--port', '0', '--delay', '40'], {
    cwd: root,
    execArgv: ['--enable-source-maps'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  for (const stream of [demo.stdout, demo.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => void (printed += text));
  }
  ended = new Promise((tell) => demo.once('exit', tell));
  regions = await new Promise<Regions>((tell, reject) => {
    demo.on('message', (message: ParentMessage) => {
      if (message.type === 'regions') tell(message);
    });
    void ended.then(() => reject(new Error(`the demonstration ended:\n${printed}`)));
  });
}, 90_000);
afterAll(() => void demo.kill('SIGKILL'));

function pinnedTo(region: string): Regions['tokens'][number] {
  const found = regions.tokens.find((each) => each.region === region);
  if (!found) throw new Error(`no token for ${region}`);
  return found;
}

/** Workers that carry something of the room of the tokens. */
async function workersOfRoom(): Promise<readonly string[]> {
  const operator = new ManagementClient(pinnedTo('east').edge, {
    service: regions.super.id,
    key: regions.super.key,
  });
  const { body } = await operator.ask('GET', '/cluster/rooms');
  const rooms = body as { readonly id: string; readonly workers: readonly string[] }[];
  return rooms.find(({ id }) => id === regions.room)?.workers ?? [];
}

it('cluster#15 tokens pinned to ISP and region land there, and media crosses between the regions both ways', async () => {
  const [west, east] = [pinnedTo('west'), pinnedTo('east')];
  expect(west.edge).not.toBe(east.edge);
  expect(west.workers).toHaveLength(1);
  expect(east.workers).toHaveLength(1);
  expect(west.workers).not.toEqual(east.workers);
  for (const { token, edge } of regions.tokens) {
    expect(printed).toContain(token);
    expect(printed).toContain(edge);
  }

  const westerner = await SignalClient.join(west.edge, west.token);
  const fromWest = await send(westerner);
  expect(await workersOfRoom()).toEqual(west.workers);
  const easterner = await SignalClient.join(east.edge, east.token);
  const fromEast = await send(easterner);
  expect([...(await workersOfRoom())].sort()).toEqual([...west.workers, ...east.workers].sort());

  const inEast = await receive(easterner, fromWest.session.id);
  const inWest = await receive(westerner, fromEast.session.id);
  await Promise.all([inTime(inEast.firstPacket), inTime(inWest.firstPacket)]);
  for (const each of [fromWest, fromEast, inEast, inWest]) each.close();
  await westerner.leave();
  await easterner.leave();
});

it.runIf(process.env.SLUICE_LONG === '1')('joins far from home, in milliseconds', async () => {
  const { edge } = pinnedTo('east');
  const tenant = new ManagementClient(pinnedTo('west').edge, {
    service: regions.sample.id,
    key: regions.sample.key,
  });
  const preference = { isp: 'beta', region: 'east' };
  const join = async (room: string, user: string): Promise<number> => {
    const body = { user, role: 'presenter', preference };
    const token = String((await tenant.ask('POST', `/v1/rooms/${room}/tokens`, body)).body);
    const client = await SignalClient.join(edge, token);
    return client.joinMs;
  };
  const westJoin = async (room: string): Promise<void> => {
    const body = { user: 'host', role: 'presenter', preference: { isp: 'alpha', region: 'west' } };
    const token = String((await tenant.ask('POST', `/v1/rooms/${room}/tokens`, body)).body);
    await SignalClient.join(pinnedTo('west').edge, token);
  };
  const first: number[] = [];
  const later: number[] = [];
  for (let count = 0; count < 20; count += 1) {
    const { body } = await tenant.ask('POST', '/v1/rooms', { name: `room ${count}` });
    const { _id } = body as { readonly _id: string };
    await westJoin(_id);
    first.push(await join(_id, 'first'));
    for (const user of ['second', 'third']) later.push(await join(_id, user));
  }
  const figures = (ms: number[]) =>
    [0.1, 0.5, 0.9]
      .map((share) => [...ms].sort((a, b) => a - b)[Math.floor(share * ms.length)]?.toFixed(0))
      .join(' / ');
  console.log(
    `join behind 80 ms, p10 / p50 / p90: first of its edge ${figures(first)}, later ones ${figures(later)}`,
  );
});

it('ends with everything it started at the first Ctrl-C', async () => {
  demo.kill('SIGINT');
  expect(await ended).toBe(0);
  for (const { edge } of regions.tokens) await expect(fetch(`${edge}/healthz`)).rejects.toThrow();
});
