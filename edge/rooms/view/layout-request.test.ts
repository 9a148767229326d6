// Owns the tests of what a client may ask a layout to be.
import { describe, expect, it } from 'vitest';
import { limits } from '../../../schemas/request.ts';
import { readLayoutRequest } from './layout-request.ts';
import { Dice } from './scripted-dice.ts';

const isForward = (stream: string) => stream.startsWith('s');

function region(id: string, area: Readonly<Record<string, unknown>> = {}) {
  return { id, shape: 'rectangle', area: { left: '0', top: '0/1', width: '1/2', height: '1', ...area } };
}

function answer(value: unknown): string {
  const read = readLayoutRequest(value, isForward);
  return read.ok ? 'ok' : `${read.refusal.code}: ${read.refusal.message}`;
}

describe('readLayoutRequest', () => {
  it.each([
    [
      'hole',
      [{ region: region('1') }, { stream: 's1', region: region('2') }],
      'Stream ID hole is not allowed',
    ],
    [
      'hole further on',
      [
        { stream: 's1', region: region('1') },
        { region: region('2') },
        { region: region('3') },
        { stream: 's2', region: region('4') },
      ],
      'Stream ID hole is not allowed',
    ],
    [
      'duplicate stream',
      [
        { stream: 's1', region: region('1') },
        { stream: 's1', region: region('2') },
      ],
      'Stream ID duplicates',
    ],
    ['duplicate region id', [{ region: region('1') }, { region: region('1') }], 'Invalid region'],
    ['"0.5"', [{ region: region('1', { left: '0.5' }) }], 'Invalid region'],
    ['a number', [{ region: region('1', { left: 0 }) }], 'Invalid region'],
    ['a > b', [{ region: region('1', { width: '3/2' }) }], 'Invalid region'],
    ['b = 0', [{ region: region('1', { width: '0/0' }) }], 'Invalid region'],
    ['"2"', [{ region: region('1', { width: '2' }) }], 'Invalid region'],
    ['huge numbers', [{ region: region('1', { width: '1/99999999999999999' }) }], 'Invalid region'],
    ['a fifth area member', [{ region: region('1', { depth: '1' }) }], 'Invalid region'],
    ['a missing area member', [{ region: region('1', { left: undefined }) }], 'Invalid region'],
    ['an empty region id', [{ region: region('') }], 'Invalid region'],
    ['another shape', [{ region: { ...region('1'), shape: 'circle' } }], 'Invalid region'],
    ['no regions', [], 'Invalid region'],
    ['257 regions', Array.from({ length: 257 }, (_, id) => ({ region: region(`${id}`) })), 'Invalid region'],
    ['a long region id', [{ region: region('x'.repeat(limits.idChars + 1)) }], 'Invalid region'],
    ['an unknown stream', [{ stream: 'mixed', region: region('1') }], 'Invalid input stream id'],
    ['a stream that is no text', [{ stream: 7, region: region('1') }], 'Invalid input stream id'],
  ])('rest-api#25 refuses %s', (_case, value, message) => {
    expect(answer(value)).toBe(`bad-request: ${message}`);
  });

  it.each([
    undefined,
    null,
    'layout',
    { 0: { region: region('1') } },
    [null],
    [{}],
    [{ region: region('1'), x: 1 }],
  ])('refuses %j', (value) => {
    expect(answer(value)).toMatch(/^bad-request: ./);
  });

  it('gives areas as n/d and leaves unnamed regions without a stream', () => {
    const value = [{ stream: 's1', region: region('a', { top: '2/4' }) }, { region: region('b') }];
    expect(readLayoutRequest(value, isForward)).toEqual({
      ok: true,
      layout: [
        {
          stream: 's1',
          region: {
            id: 'a',
            shape: 'rectangle',
            area: { left: '0/1', top: '2/4', width: '1/2', height: '1/1' },
          },
        },
        {
          region: {
            id: 'b',
            shape: 'rectangle',
            area: { left: '0/1', top: '0/1', width: '1/2', height: '1/1' },
          },
        },
      ],
    });
  });

  const seeds = Array.from({ length: 200 }, (_, index) => index + 1);
  it('never throws and always says why, whatever is sent', () => {
    for (const seed of seeds) {
      const dice = new Dice(seed);
      const text = answer(anything(dice, 0));
      expect(text, `seed ${seed}`).toMatch(/^(ok|bad-request: .+)$/);
    }
  });

  function anything(dice: Dice, depth: number): unknown {
    const leaf = dice.pick<unknown>(
      ['', '1', '1/2', 's1', 'rectangle', 0, -1, NaN, null, undefined, true],
      0,
    );
    if (depth > 4) return leaf;
    const inner = () => anything(dice, depth + 1);
    const choice = depth === 0 ? 0 : dice.below(4);
    if (choice === 0) return Array.from({ length: dice.below(5) }, inner);
    if (choice === 1) return { stream: inner(), region: inner() };
    if (choice === 2) return { ...region('1'), ...(dice.below(2) === 0 ? { area: inner() } : {}) };
    return leaf;
  }
});
