// Owns the tests of sending clients to other edges: who goes, when, and what is left for those who take them over.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { OtherPortals } from '../cluster/other-portals.ts';
import type { Portal } from './portal.ts';
import {
  createPortalScene,
  micAndCamera,
  OwtClient,
  type PortalScene,
  SignalClient,
  until,
} from './scripted-portal.ts';

let scene: PortalScene;
let here: Portal;
beforeEach(async () => {
  scene = await createPortalScene();
  here = scene.portal('e1');
});
afterEach(() => scene.close());

const address = { host: 'other:3000', secure: false };
const others: OtherPortals = {
  exists: () => Promise.resolve(true),
  address: () => Promise.resolve(address),
};

/** Lets time pass until `work` is done; gives how long it took, in ms. */
async function passing(work: Promise<void>): Promise<number> {
  const began = scene.clock.now();
  const state = { done: false };
  void work.then(() => (state.done = true));
  for (let steps = 0; !state.done && steps < 1000; steps += 1) {
    await scene.clock.advance(50);
    await scene.rest();
  }
  return scene.clock.now() - began;
}

/** Lets `ms` pass in steps. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 50) {
    await scene.clock.advance(Math.min(left, 50));
    await scene.rest();
  }
}

const isDone = (signal: AbortSignal) => until(() => signal.aborted, 'the end');

it('an edge that is alone sends nobody away', async () => {
  const client = await SignalClient.joined(scene, here);
  await here.drain({ ...others, exists: () => Promise.resolve(false) }, 10_000);
  expect(client.closed).toBeUndefined();
  await here.close();
  expect(client.closed?.code).toBe(1001);
});

it('clients of ours are told where to go, after balancers had time to notice and a few at a time', async () => {
  const clients = await Promise.all(Array.from({ length: 10 }, () => SignalClient.joined(scene, here)));
  const gone = () => clients.filter(({ closed }) => closed !== undefined).length;
  const counts: number[] = [];
  const draining = here.drain(others, 10_000);
  const end = new AbortController();
  void draining.then(() => end.abort());
  for (let at = 0; at < 100 && gone() < 10; at += 1) {
    await scene.clock.advance(100);
    await scene.rest();
    counts.push(gone());
  }
  expect(counts.slice(0, 19).every((count) => count === 0)).toBe(true);
  expect(Math.max(...counts.map((count, at) => count - (counts[at - 1] ?? 0)))).toBeLessThanOrEqual(1);
  expect(clients.map(({ closed }) => closed?.code)).toEqual(clients.map(() => 1012));
  expect(clients.map(({ frames }) => frames.at(-1))).toEqual(clients.map(() => ({ moveTo: address })));
  // Nobody has taken them over: they are waited for to the end.
  expect(end.signal.aborted).toBe(false);
  await passing(draining);
  await isDone(end.signal);
  await here.close();
  expect(scene.live().state.participants.size).toBe(10);
});

it.each([
  { what: 'its answer', after: 500, answered: true, leaves: [500, 550] },
  { what: 'it has waited too long for that', after: 9_000, answered: false, leaves: [1_500, 1_750] },
])(
  'a client that asked something goes after $what',
  async ({ after, answered, leaves: [least = 0, most] }) => {
    const client = await SignalClient.joined(scene, here);
    const { id } = await client.data<{ id: string }>({ do: 'publish', request: { media: micAndCamera } });
    let answer: (reply: { answer: string }) => void = () => undefined;
    scene.live().signal = () => new Promise((resolve) => (answer = resolve));
    client.send({ do: 'signal', transport: id, signaling: { type: 'offer', sdp: 'v=0' } });
    const draining = here.drain(others, 10_000);
    // Balancers are given so long to notice.
    await scene.rest();
    await pass(2_000);
    const began = scene.clock.now();
    while (client.closed === undefined && scene.clock.now() - began < 5_000) {
      if (scene.clock.now() - began >= after) answer({ answer: 'v=1' });
      await pass(50);
    }
    const took = scene.clock.now() - began;
    expect(client.replies.some((reply) => reply.ok && reply.cid === client.cid)).toBe(answered);
    expect(took).toBeGreaterThanOrEqual(least);
    expect(took).toBeLessThanOrEqual(most ?? 0);
    await passing(draining);
  },
);

it('waits for nobody once the others stop too: the good-bye is that of a server that stops', async () => {
  const client = await OwtClient.joined(scene, here, 'Ann_-567890123456789');
  let left = 1;
  const took = await passing(here.drain({ ...others, exists: () => Promise.resolve(left-- > 0) }, 60_000));
  expect(took).toBeLessThan(1000);
  await here.close();
  expect(client.events).toContain('drop');
});

it('is done as soon as the last one is elsewhere', async () => {
  const there = scene.portal('e2');
  const client = await SignalClient.joined(scene, here);
  const { ticket, epoch } = (client.replies[0] as { data: { ticket: string; epoch: string } }).data;
  const draining = here.drain(others, 60_000);
  let took = 0;
  const counting = passing(draining).then((ms) => (took = ms));
  await until(() => client.closed !== undefined, 'the move');
  const back = new SignalClient(scene, there);
  await back.data({ do: 'resume', ticket, epoch, seq: client.seq });
  await counting;
  expect(took).toBeLessThan(45_000);
  expect(here.counts.sessions).toBe(0);
  expect(scene.live('e2').state.participants.size).toBe(1);
});

it('an OWT client with a ticket is cut, without a drop; one without hears the good-bye of a server that stops', async () => {
  const able = await OwtClient.joined(scene, here, 'Ann_-567890123456789');
  const unable = new OwtClient(scene, here, 'Bob_-567890123456789');
  const userAgent = { sdk: { type: 'iOS', version: '1' } };
  await unable.ask('login', { token: await scene.token('bob'), userAgent, protocol: '1.0' });
  await passing(here.drain(others, 5_000));
  expect(able.ended).toBe('cut');
  expect(able.events).not.toContain('drop');
  expect(unable.ended).toBeUndefined();
  await here.close();
  expect(unable.events).toContain('drop');
});
