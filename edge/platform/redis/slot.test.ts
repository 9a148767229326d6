import { expect, it } from 'vitest';
import { slotOf } from './slot.ts';

// From `CLUSTER KEYSLOT` of Redis 7.
it.each([
  ['123456789', 12739],
  ['', 0],
  ['{room}:log', 15960],
  ['a{room}b{other}', 15960],
  ['room', 15960],
  ['{}room', 1178],
  ['{room', 3873],
  ['ü', 9552],
])('%j lies in slot %i', (key, slot) => {
  expect(slotOf(key)).toBe(slot);
});
