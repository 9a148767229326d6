import { describe, expect, it } from 'vitest';
import { OverloadJudge } from './overload.ts';

describe('OverloadJudge', () => {
  it.each<[string, number[], boolean]>([
    ['one slow look', [500, 5, 5], false],
    ['two slow looks', [500, 500, 5], false],
    ['three slow looks in a row', [150, 150, 150], true],
    ['slow looks that are not in a row', [150, 5, 150, 5, 150], false],
    ['recovery that does not last', [150, 150, 150, 5, 5, 60], true],
    ['recovery', [150, 150, 150, 5, 5, 5], false],
  ])('%s', (_, delays, expected) => {
    const judge = new OverloadJudge();
    for (const delay of delays) judge.judge(delay);
    expect(judge.overloaded).toBe(expected);
  });
});
