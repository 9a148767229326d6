import { describe, expect, it } from 'vitest';
import { mixedWith } from './scripted-cast.ts';
import { wantedStreams } from './wanted.ts';

describe('wantedStreams', () => {
  it.each([
    { what: 'everybody but us', watches: false, self: false, expected: ['ana-1', 'bo-1', 'bo-2'] },
    { what: 'us too, by wish', watches: false, self: true, expected: ['ana-1', 'bo-1', 'bo-2', 'me-1'] },
    { what: 'besides the mixed picture a screen only', watches: true, self: true, expected: ['bo-2'] },
  ])('are of $what', ({ watches, self, expected }) => {
    const { mixed, cast } = mixedWith(['ana-1', 'bo-1']);
    const options = { mixed: watches ? mixed : undefined, me: 'me', self };
    expect(wantedStreams([...cast.streams.values(), mixed], options)).toEqual(expected);
  });

  it.each([
    ['has a place', mixedWith(['ana-1', 'bo-2'])],
    ['waits for one', mixedWith(['ana-1'], { inViews: ['bo-2'] })],
  ])('are not a screen that %s in the mixed picture', (_case, { mixed, cast }) => {
    expect(wantedStreams(cast.streams.values(), { mixed, me: 'me', self: false })).toEqual([]);
  });

  it('are not our own screen besides the mixed picture', () => {
    const { mixed, cast } = mixedWith(['ana-1']);
    expect(wantedStreams(cast.streams.values(), { mixed, me: 'bo', self: true })).toEqual([]);
  });
});
