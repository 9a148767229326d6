// Owns the tests of where mixers ought to run.
import { describe, expect, it } from 'vitest';
import { mixingPlace } from './mixing-place.ts';
import { nowhere } from './nowhere.ts';
import type { Transport } from './state.ts';

function place(
  workers: readonly (string | undefined)[],
  mixing?: string,
  mixes: (worker: string) => boolean = () => true,
): string | undefined {
  const transports = workers.map((worker, index): [string, Transport] => {
    const id = String(index);
    const made = { id, owner: 'a', purpose: 'webrtc', origin: nowhere, phase: 'ready' } as const;
    // Named after what it can do: `r…` only records.
    const record = { purpose: 'recording', work: { do: 'record', container: 'mkv' } } as const;
    const placed = worker === undefined ? {} : { worker };
    return [id, { ...made, ...placed, ...(worker?.startsWith('r') === true ? record : {}) }];
  });
  const state = {
    transports: new Map(transports),
    ...(mixing === undefined ? {} : { mixing: { worker: mixing } }),
  };
  return mixingPlace(state, mixes);
}

describe('mixers', () => {
  it.each([
    ['where most transports are', ['w1', 'w2', 'w2', undefined], undefined, 'w2'],
    ['where the first one is, of equals', ['w1', 'w2'], undefined, 'w1'],
    ['where they are, while that carries a transport', ['w1', 'w2', 'w2'], 'w1', 'w1'],
    ['elsewhere, when nothing of the room is left there', ['w2'], 'w1', 'w2'],
    ['where clients are rather than recorders', ['r1', 'r1', 'w1'], undefined, 'w1'],
    ['where clients are, even if recorders had them', ['r1', 'w1'], 'r1', 'w1'],
    ['with the recorders of a room without clients', ['r1'], undefined, 'r1'],
    ['nowhere, while no transport has a worker', [undefined], undefined, undefined],
    ['nowhere else, while no transport has a worker', [], 'w1', undefined],
  ])('run %s', (_case, workers, mixing, expected) => {
    expect(place(workers, mixing)).toBe(expected);
  });

  it('run on none that does not mix, wherever most transports are', () => {
    expect(place(['w1', 'w1', 'w2'], 'w1', (worker) => worker !== 'w1')).toBe('w2');
    expect(place(['w1', 'w1'], 'w1', () => false)).toBeUndefined();
  });
});
