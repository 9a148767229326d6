import { expect, it } from 'vitest';
import { CutOffWorkers, lookEveryMs } from './cut-off-workers.ts';

const silentMs = 4000;

/** Workers by the process they are in; each second all that live say so. Times are those of the looks that told. */
function play(
  processes: Readonly<Record<string, string>>,
  at: (now: number, scene: { cutOff: Set<string>; mute: Set<string> }) => void,
  untilMs = 8000,
): { losses: [string, number][]; looks: number } {
  const watch = new CutOffWorkers();
  const scene = { cutOff: new Set<string>(), mute: new Set<string>() };
  const losses: [string, number][] = [];
  let looks = 0;
  const workers = Object.keys(processes);
  for (let now = 0; now <= untilMs; now += 50) {
    at(now, scene);
    for (const [index, worker] of workers.entries()) {
      const speaks = now % 1000 === (index * 350) % 1000;
      if (speaks && !scene.mute.has(worker)) watch.heard(worker, now);
    }
    if (now % lookEveryMs !== 0) continue;
    const suspects = watch.suspects(now, silentMs);
    looks += suspects.length;
    const cut = suspects.filter((worker) => scene.cutOff.has(worker));
    const seen = new Map(cut.map((worker) => [worker, processes[worker] ?? '']));
    for (const worker of watch.judge(suspects, seen, now)) {
      losses.push([worker, now]);
      watch.forget(worker);
    }
  }
  return { losses, looks };
}

const three = { a1: 'a', a2: 'a', b1: 'b' };

it('nobody is looked at while all are heard', () => {
  expect(play(three, () => undefined)).toEqual({ losses: [], looks: 0 });
});

it.each([2000, 2200, 2400, 2600, 2800])(
  'the workers of a process that dies after %i ms are lost within 2 s, and no others',
  (diesAt) => {
    const { losses } = play(three, (now, { cutOff, mute }) => {
      if (now !== diesAt) return;
      for (const set of [cutOff, mute]) set.add('a1').add('a2');
    });
    expect(losses.map(([worker]) => worker).toSorted()).toEqual(['a1', 'a2']);
    for (const [, at] of losses) expect(at - diesAt).toBeLessThan(2000);
  },
);

it('who is quiet but was not cut off is not lost', () => {
  const { losses, looks } = play(three, (now, { mute }) => {
    if (now === 2000) mute.add('a1').add('a2');
  });
  expect(losses).toEqual([]);
  expect(looks).toBeGreaterThan(0);
});

it('who was cut off but is heard is not lost, nor who comes back', () => {
  expect(play(three, (_, { cutOff }) => cutOff.add('a1').add('a2')).losses).toEqual([]);
  const { losses } = play(three, (now, { cutOff, mute }) => {
    const away = now % 2000 >= 1000 && now % 2000 < 1550;
    for (const set of [cutOff, mute]) {
      if (away) set.add('a1');
      else set.delete('a1');
    }
  });
  expect(losses).toEqual([]);
});

it.each([0, 100, 300, 500])(
  'processes that are cut off together, the other %i ms later, are left to silence',
  (laterMs) => {
    const { losses } = play(three, (now, { cutOff, mute }) => {
      for (const set of [cutOff, mute]) {
        if (now === 2000) set.add('a1').add('a2');
        if (now === 2000 + laterMs) set.add('b1');
      }
    });
    expect(losses).toEqual([]);
  },
);

it('a process that dies soon after another is lost as quickly', () => {
  const { losses } = play(three, (now, { cutOff, mute }) => {
    for (const set of [cutOff, mute]) {
      if (now === 2000) set.add('a1').add('a2');
      if (now === 4500) set.add('b1');
    }
  });
  expect(losses.map(([worker]) => worker)).toEqual(['a1', 'a2', 'b1']);
  expect(losses.at(-1)?.[1]).toBeLessThan(6500);
});

it('does not look at more than a hundred quiet and sixteen others', () => {
  const watch = new CutOffWorkers();
  for (let index = 0; index < 500; index += 1) watch.heard(`q${index}`, 0);
  expect(watch.suspects(1200, silentMs)).toHaveLength(100);
  for (let index = 50; index < 500; index += 1) watch.heard(`q${index}`, 1200);
  expect(watch.suspects(1300, silentMs)).toHaveLength(66);
  expect(watch.suspects(4100, silentMs)).toHaveLength(100);
});
