import { afterEach, beforeEach, expect, it } from 'vitest';
import { madeWorker } from '../store/conformance/made-worker.ts';
import { createScene, join, publish, type Scene } from './scripted-scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await createScene();
});
afterEach(() => scene.close());

it('cluster#15 a transport comes to a worker that serves the origin of its participant’s token', async () => {
  for (const region of ['us', 'eu']) {
    const worker = await scene.worker(region);
    worker.announce({ capacity: { isps: [], regions: [region] } });
  }
  await scene.rest();
  const rooms = scene.edge('e1');
  const room = await rooms.open(scene.room);
  for (const region of ['eu', 'us']) {
    const participant = `of ${region}`;
    const origin = { isp: '', region };
    await room.execute({ type: 'join', participant, user: 'u', role: 'presenter', origin, edge: 'e1' });
    await room.execute(publish(participant, `s ${region}`));
    await scene.rest();
  }
  expect([...room.state.transports.values()].map(({ owner, worker }) => `${owner} on ${worker}`)).toEqual([
    'of eu on eu',
    'of us on us',
  ]);
});

it('what runs keeps its worker however long, until some time after it has ended', async () => {
  await scene.worker('w1');
  const rooms = scene.edge('e1');
  const room = await rooms.open(scene.room);
  await room.execute(join('p1'));
  await room.execute(publish('p1', 's1'));
  await scene.rest();
  expect(await scene.ports.registry.tasks('w1')).toHaveLength(1);
  await scene.ports.registry.announce(madeWorker('w1', { load: 0.8 }), scene.clock.now());
  await scene.worker('w2');
  await scene.clock.advance(120_000);
  await room.execute(publish('p1', 's2'));
  await scene.rest();
  expect(room.state.transports.get('s2')?.worker).toBe('w1');
  await room.execute({ type: 'leave', participant: 'p1' });
  await scene.rest();
  expect(await scene.ports.registry.tasks('w1')).toEqual([]);
});
