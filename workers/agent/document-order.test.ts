import { expect, it } from 'vitest';
import { DocumentOrder, isOlder } from './document-order.ts';

it.each([
  [{ version: 1 }, { version: 2 }, true],
  [{ version: 2 }, { version: 2 }, false],
  [{ fence: 7, version: 9 }, { fence: 8, version: 1 }, true],
  // Of a later conductor, whose log begins anew.
  [{ fence: 8, version: 1 }, { fence: 7, version: 9 }, false],
  [{ version: 9 }, { fence: 1, version: 1 }, true],
])('%o where %o is held is older: %s', (document, held, older) => {
  expect(isOlder(document, held)).toBe(older);
});

it('a document of a conductor that was followed by another is superseded, also in a room that is over', () => {
  const order = new DocumentOrder();
  expect(order.judge({ room: 'r', fence: 1, version: 5 })).toBe('new');
  expect(order.judge({ room: 'r', fence: 1, version: 4 })).toBe('old');
  expect(order.judge({ room: 'r', fence: 2, version: 1 })).toBe('new');
  expect(order.judge({ room: 'r', fence: 1, version: 9 })).toBe('superseded');
  expect(order.judge({ room: 'other', fence: 1, version: 1 })).toBe('new');
});

it('rooms are forgotten when there are too many, those of the oldest documents first', () => {
  const order = new DocumentOrder();
  for (let room = 0; room <= 10_000; room += 1) order.judge({ room: `r${room}`, fence: 2, version: 1 });
  expect(order.judge({ room: 'r0', fence: 1, version: 1 })).toBe('new');
  expect(order.judge({ room: 'r10000', fence: 1, version: 1 })).toBe('superseded');
});
