import { expect, it } from 'vitest';
import type { AddressedNotice, Notice } from '../../schemas/notice.ts';
import { divide, share } from './delivery.ts';

const text = (message: string): Notice => ({ type: 'text', from: 'ann', to: 'all', message });
const all = (message: string): AddressedNotice => ({ audience: { to: 'all' }, notice: text(message) });
const except = (participant: string, message: string): AddressedNotice => ({
  audience: { to: 'except', participant },
  notice: text(message),
});
const one = (participant: string, message: string): AddressedNotice => ({
  audience: { to: 'one', participant },
  notice: text(message),
});
const messages = (delivery: { notices: readonly Notice[] } | undefined) =>
  delivery?.notices.map((notice) => (notice.type === 'text' ? notice.message : notice.type));

it('gives everybody the same object when nobody is named', () => {
  const shares = divide([all('a'), all('b')], 7);
  expect(shares.own.size).toBe(0);
  expect(shares.common?.seq).toBe(7);
  expect(messages(shares.common)).toEqual(['a', 'b']);
});

it('merges per participant, in order, where somebody is named', () => {
  const shares = divide([all('a'), except('ann', 'b'), one('bob', 'c'), one('ann', 'd'), all('e')], 9);
  expect(messages(shares.common)).toEqual(['a', 'b', 'e']);
  expect(messages(shares.own.get('ann'))).toEqual(['a', 'd', 'e']);
  expect(messages(shares.own.get('bob'))).toEqual(['a', 'b', 'c', 'e']);
  expect([...shares.own.keys()].sort()).toEqual(['ann', 'bob']);
});

it('has nothing at all for those who were not meant', () => {
  expect(divide([one('ann', 'a')], 1).common).toBeUndefined();
  const shares = divide([except('ann', 'a')], 1);
  expect(shares.own.has('ann')).toBe(true);
  expect(shares.own.get('ann')).toBeUndefined();
  expect(share([one('ann', 'a')], 1, 'bob')).toBeUndefined();
});
