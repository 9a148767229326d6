// Owns the tests of what a room knows of the cluster's engines, and of what its mixers then ask of a worker.
import { describe, expect, it } from 'vitest';
import { madeWorker } from '../store/conformance/made-worker.ts';
import { makeable } from './capabilities.ts';
import { ScriptedRoom } from './scripted-room.ts';
import { specialFormats } from './special-formats.ts';
import { bothOf, sameTranscoders, transcodersOf, type Transcoders } from './transcoders.ts';

const plain: Transcoders = { audio: true, video: true };
const basic = ['h264', 'vp8', 'vp9'];

describe('what a worker can do', () => {
  it('is its purposes, and the codecs that not every engine has', () => {
    const video = { decode: [...basic, 'av1', 'h265'], encode: [...basic, 'h265_x'] };
    expect(transcodersOf(madeWorker('w', { purposes: ['audio', 'video'], video }))).toEqual({
      ...plain,
      taken: ['h265', 'av1'],
      made: ['h265'],
    });
  });

  it.each<[string, Parameters<typeof madeWorker>[1], Transcoders]>([
    [
      'one that has what all have',
      { purposes: ['video'], video: { decode: basic, encode: basic } },
      { audio: false, video: true },
    ],
    ['one that does not say', { purposes: ['video'] }, { audio: false, video: true }],
    [
      'one that does not mix pictures',
      { purposes: ['audio'], video: { decode: ['av1'], encode: ['av1'] } },
      { audio: true, video: false },
    ],
    [
      'codecs that nobody knows',
      { purposes: ['video'], video: { decode: ['h266'], encode: ['', '_'] } },
      { audio: false, video: true },
    ],
  ])('%s', (_name, made, expected) => {
    expect(transcodersOf(madeWorker('w', made))).toEqual(expected);
  });

  it('adds up', () => {
    const some = bothOf({ ...plain, taken: ['av1'] }, { ...plain, taken: ['h265'], made: ['h265'] });
    expect(some).toEqual({ ...plain, taken: ['h265', 'av1'], made: ['h265'] });
    expect(bothOf(plain, plain)).toEqual(plain);
  });

  it.each<[Transcoders, boolean]>([
    [{ ...plain, taken: ['av1', 'h265'] }, true],
    [{ ...plain, taken: ['av1'] }, false],
    [{ ...plain, taken: ['h265', 'av1'], made: ['av1'] }, false],
    [plain, false],
  ])('%j is the same: %s', (other, same) => {
    const known: Transcoders = { ...plain, taken: ['h265', 'av1'] };
    expect([sameTranscoders(known, other), sameTranscoders(other, known)]).toEqual([same, same]);
  });
});

describe('what the mixers of a room ask of a worker', () => {
  const gpu: Transcoders = { ...plain, taken: ['h265', 'av1'], made: ['h265'] };
  const document = ScriptedRoom.document({
    mediaIn: { audio: [], video: [{ codec: 'vp8' }, { codec: 'av1' }] },
    mediaOut: { video: { format: [{ codec: 'vp8' }, { codec: 'h265' }, { codec: 'av1' }] } },
  });
  const asked = (transcoders: Transcoders, of = document) =>
    specialFormats({ document: makeable(of, transcoders), transcoders });

  it('is nothing that every engine can do', () => {
    expect(asked(plain)).toBeUndefined();
    expect(asked(gpu, ScriptedRoom.document())).toBeUndefined();
    expect(specialFormats({ document: undefined, transcoders: gpu })).toBeUndefined();
  });

  it('is what clients may publish and are offered', () => {
    expect(asked(gpu)).toEqual({ decode: ['av1'], encode: ['h265'] });
  });
});
