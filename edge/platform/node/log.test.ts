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

it('writes one JSON object a line in that form, numbers and structures as what they are', () => {
  const lines: string[] = [];
  const log = createLog({
    name: 'edge-1',
    format: 'json',
    fields: { edge: 'edge-1' },
    write: (line) => void lines.push(line),
    now: () => 0,
  });
  log.warn('line\nfeed', { room: 'r1', seq: 3, ok: true, deep: { list: [1], key: 'abc123' }, level: 'x' });
  log.info('of another', { edge: 'edge-2', error: new Error('outer rtsp://u:abc123@h/'), none: undefined });
  expect(lines.join('')).not.toContain('abc123');
  const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(first).toEqual({
    time: '1970-01-01T00:00:00.000Z',
    level: 'warn',
    process: 'edge-1',
    message: 'line feed',
    edge: 'edge-1',
    room: 'r1',
    seq: 3,
    ok: true,
    deep: { list: [1], key: '…' },
    level_: 'x',
  });
  expect(second?.edge).toBe('edge-2');
  expect(second?.error).toContain('rtsp://u:***@h/');
  expect(second).not.toHaveProperty('none');
});

it('bounds lines of the JSON form too, and takes what cannot be printed', () => {
  const lines: string[] = [];
  const log = createLog({ name: 'x', format: 'json', write: (line) => void lines.push(line) });
  log.error('y', { big: { text: 'x'.repeat(1e6) }, call: () => 1, not: NaN, large: 1n, token: { a: 1 } });
  expect(lines[0]?.length).toBeLessThan(5000);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ not: 'null', call: '(not printable)', token: '…' });
});

it('counts every entry, written or not', () => {
  const levels: string[] = [];
  const log = createLog({ name: 'x', level: 'silent', counted: (level) => void levels.push(level) });
  log.info('a');
  log.error('b');
  expect(levels).toEqual(['info', 'error']);
});

it('leaves out warnings that repeat very often, says how many, and writes on after ten seconds', () => {
  const lines: string[] = [];
  let now = 0;
  const log = createLog({ name: 'edge', write: (line) => void lines.push(line), now: () => now });
  const count = (text: string) => lines.filter((line) => line.includes(text)).length;
  for (let index = 0; index < 80; index++) {
    log.warn('the store is away', { room: index });
    log.info('joined');
  }
  log.error('another thing');
  expect([count('away'), count('joined'), count('another thing'), count('omitted')]).toEqual([50, 80, 1, 0]);
  now = 9_999;
  log.warn('the store is away');
  expect(count('away')).toBe(50);
  now = 10_000;
  log.warn('the store is away');
  log.warn('the store is away');
  expect(lines.slice(-2).map((line) => /omitted=(\d+)/.exec(line)?.[1])).toEqual(['31', undefined]);
});

it('writes on when the clock is set back, and keeps no more than a thousand messages', () => {
  const lines: string[] = [];
  let now = 1_000_000;
  const log = createLog({ name: 'edge', write: (line) => void lines.push(line), now: () => now });
  for (let index = 0; index < 60; index++) log.warn('a');
  now = 0;
  log.warn('a');
  expect(lines).toHaveLength(51);
  for (let index = 0; index < 5_000; index++) log.warn(`message ${index}`);
  expect(lines).toHaveLength(5_051);
});
