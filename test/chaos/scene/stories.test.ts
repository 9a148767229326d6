import { expect, it } from 'vitest';
import { Stories } from './stories.ts';

it('tells of a participant what its client and the log said, in order of time, under its name', () => {
  const stories = new Stories();
  stories.note('guest 1.1', 'asked to join', 1_000);
  stories.note('guest 1.1', 'left', 3_000);
  stories.note('guest 1.1', 'joined by log entry 7', 2_000);
  stories.note('guest 2.1', 'asked to join', 1_500);
  stories.is('p7', 'guest 1.1');
  expect(stories.of('p7')).toEqual([
    '00:00:01.000 guest 1.1: asked to join',
    '00:00:02.000 guest 1.1: joined by log entry 7',
    '00:00:03.000 guest 1.1: left',
  ]);
  expect(stories.of('p8')).toEqual(['p8: nothing is known of it']);
});

it('forgets who was not told of for longest, and what is oldest of one', () => {
  const stories = new Stories();
  for (let at = 0; at < 100; at += 1) stories.note('first', `line ${at}`, at);
  expect(stories.of('first')).toHaveLength(40);
  expect(stories.of('first').at(-1)).toContain('line 99');
  for (let other = 0; other < 4_999; other += 1) stories.note(`other ${other}`, 'is there', 0);
  expect(stories.of('first')).toHaveLength(40);
  stories.note('one more', 'is there', 0);
  expect(stories.of('first')).toEqual(['first: nothing is known of it']);
});
