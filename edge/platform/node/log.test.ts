import { expect, it } from 'vitest';
import { createLog } from './log.ts';

function captured(level?: 'info' | 'warn' | 'error' | 'silent') {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  return { lines, log: createLog({ name: 'edge', write, now: () => 0, ...(level && { level }) }) };
}

it('writes one line an entry with its fields', () => {
  const { lines, log } = captured();
  log.info('room opened', { room: 'r1', seq: 3, note: 'two words', none: undefined });
  expect(lines).toEqual(['1970-01-01T00:00:00.000Z info edge room opened room=r1 seq=3 note="two words"\n']);
});

it.each(['key', 'token', 'clientSecret', 'ticket', 'password'])('hides a field named %s', (name) => {
  const { lines, log } = captured();
  log.warn('x', { [name]: 'abc123', deep: { [name]: 'abc123' } });
  expect(lines.join('')).not.toContain('abc123');
});

it('hides passwords inside URLs, also in messages, errors and what is nested', () => {
  const { lines, log } = captured();
  const url = 'rtsp://admin:abc123@cam.example/1';
  log.error(`no stream from ${url}`, { url, deep: { list: [url] }, error: new Error(`cannot open ${url}`) });
  expect(lines.join('')).not.toContain('abc123');
  expect(lines.join('')).toContain('cam.example');
});

it('keeps an error and its causes on one bounded line', () => {
  const { lines, log } = captured();
  log.error('failed', {
    error: new Error('outer', { cause: new Error('inner\nline') }),
    big: 'x'.repeat(1e6),
  });
  expect(lines).toHaveLength(1);
  expect(lines[0]?.trimEnd()).not.toContain('\n');
  expect(lines[0]).toContain('inner');
  expect(lines[0]?.length).toBeLessThan(10_000);
});

it('writes what cannot be printed without throwing', () => {
  const { lines, log } = captured();
  const loop: Record<string, unknown> = {};
  loop.self = loop;
  log.info('x', { loop, big: 1n, call: () => 1 });
  expect(lines).toHaveLength(1);
});

it('leaves out levels below its own', () => {
  const { lines, log } = captured('error');
  log.info('a');
  log.warn('b');
  log.error('c');
  expect(lines).toHaveLength(1);
});
