import { expect, it } from 'vitest';
import { participantId, sessionId } from './ids.ts';

it('makes participant ids of 20 URL-safe characters from every byte value', () => {
  const id = participantId({ bytes: (length) => Uint8Array.from({ length }, (_, index) => index * 13) });
  expect(id).toMatch(/^[0-9a-zA-Z_-]{20}$/);
});

it('derives a session id of 32 lower-case hex digits from the command alone', () => {
  const id = sessionId('AbCdEfGhIjKlMnOpQrSt', 5);
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(sessionId('AbCdEfGhIjKlMnOpQrSt', 5)).toBe(id);
});

it('gives neighbouring commands and participants ids that share no part', () => {
  const ids = new Set<string>();
  const quarters = new Set<string>();
  for (let participant = 0; participant < 20; participant++) {
    for (let cid = 1; cid <= 500; cid++) {
      const id = sessionId(`participant-number-${participant}`, cid);
      ids.add(id);
      for (let at = 0; at < 32; at += 8) quarters.add(`${at}${id.slice(at, at + 8)}`);
    }
  }
  expect(ids.size).toBe(10_000);
  // 40,000 values of 32 bits in four sets: about 0.05 equal pairs by chance.
  expect(quarters.size).toBeGreaterThan(39_990);
});
