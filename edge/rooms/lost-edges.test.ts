// What becomes of participants whose edge died.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createScene, done, join, type Scene } from './scripted-scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await createScene();
});
afterEach(() => scene.close());

/** Two edges with a participant each; the first conducts. */
async function two() {
  const first = await scene.edge('e1').open(scene.room);
  const second = await scene.edge('e2').open(scene.room);
  await done(first.execute(join('p1', 'e1')));
  await done(second.execute(join('p2', 'e2')));
  await scene.rest();
  return { first, second };
}

/** It runs out: nobody renews it. */
function keepLeaseFrom(edge: string): void {
  const { lease } = scene.ports;
  const acquire = lease.acquire.bind(lease);
  lease.acquire = (name, holder, ttlMs) =>
    holder === edge ? Promise.reject(new Error('dead')) : acquire(name, holder, ttlMs);
}

const present = (room: { readonly state: { readonly participants: ReadonlyMap<string, unknown> } }) =>
  [...room.state.participants.keys()].join();

it('cluster#19 F4: they leave some time after it, unless they came back on another one', async () => {
  const { first } = await two();
  await done(first.execute(join('p3', 'e2')));
  scene.kill('e2');
  await scene.clock.advance(5000);
  await done(first.execute({ type: 'attach', participant: 'p3', edge: 'e1' }));
  await scene.clock.advance(15_000);
  expect(present(first)).toBe('p1,p2,p3');
  await scene.clock.advance(6000);
  expect(present(first)).toBe('p1,p3');
});

it('they stay when it was only silent for a while', async () => {
  const { first } = await two();
  scene.kill('e2');
  await scene.clock.advance(10_000);
  scene.edge('e2');
  await scene.clock.advance(30_000);
  expect(present(first)).toBe('p1,p2');
});

it('a new conductor finds those who were left while nobody conducted', async () => {
  const { second } = await two();
  const e1 = await scene.ports.lease.holder(`room.${scene.room}`);
  expect(e1).toBe('e1');
  scene.kill('e1');
  keepLeaseFrom('e1');
  await scene.clock.advance(8000);
  expect(await scene.ports.lease.holder(`room.${scene.room}`)).toBe('e2');
  expect(present(second)).toBe('p1,p2');
  await scene.clock.advance(20_000);
  expect(present(second)).toBe('p2');
});

it('a new conductor lets them go when the one before it would have', async () => {
  const { first, second } = await two();
  scene.edge('e3');
  await done(first.execute(join('p3', 'e3')));
  scene.kill('e3');
  await scene.clock.advance(20_000);
  expect(present(first)).toBe('p1,p2,p3');
  keepLeaseFrom('e1');
  await scene.clock.advance(2000);
  expect(await scene.ports.lease.holder(`room.${scene.room}`)).toBe('e2');
  expect(present(second)).toBe('p1,p2,p3');
  await scene.clock.advance(4000);
  expect(present(second)).toBe('p1,p2');
});

it('a join that the dead edge had asked for, and that was decided after its death, ends as the others do', async () => {
  const { first } = await two();
  scene.edge('e3');
  await scene.clock.advance(1000);
  scene.kill('e3');
  await scene.clock.advance(10_000);
  await done(first.execute(join('late', 'e3')));
  await scene.clock.advance(16_000);
  expect(present(first)).toBe('p1,p2');
});
