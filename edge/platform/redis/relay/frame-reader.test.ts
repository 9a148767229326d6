// Whole messages out of any pieces, and nothing out of what is not the protocol.
import { describe, expect, it } from 'vitest';
import { type Frame, FrameReader, ProtocolError } from './frame-reader.ts';

const limits = { maxFrameBytes: 100, maxValues: 20 };
const textOf = (frame: Frame) => (frame.type === 'whole' ? frame.bytes.toString('latin1') : frame.type);

/** All of it, in pieces of `size` bytes. */
function read(form: 'requests' | 'replies', text: string, size: number): string[] {
  const reader = new FrameReader(form, limits);
  const bytes = Buffer.from(text, 'latin1');
  const frames: string[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    frames.push(...reader.push(bytes.subarray(at, at + size)).map(textOf));
  }
  return frames;
}

const replies = [
  '+OK\r\n',
  '-ERR no\r\n',
  ':-7\r\n',
  '$0\r\n\r\n',
  '$-1\r\n',
  '*-1\r\n',
  '*0\r\n',
  '$5\r\na\r\nb\n\r\n',
  '*2\r\n*2\r\n:1\r\n*0\r\n$3\r\n*9\r\r\n',
  '*3\r\n$7\r\nmessage\r\n$1\r\nc\r\n$2\r\n\r\n\r\n',
];
const requests = ['*1\r\n$4\r\nPING\r\n', '*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$4\r\n\r\n*1\r\n'];

describe('pieces of any size give the same messages', () => {
  it.each([1, 2, 3, 7, 1000])('replies in pieces of %i', (size) => {
    expect(read('replies', replies.join(''), size)).toEqual(replies);
  });
  it.each([1, 2, 3, 7, 1000])('requests in pieces of %i', (size) => {
    expect(read('requests', requests.join(''), size)).toEqual(requests);
  });
});

describe('what is no request is refused, though it might be a reply', () => {
  it.each([
    ['an inline command', 'PING\r\n'],
    ['no word', '*0\r\n'],
    ['a negative number of words', '*-1\r\n'],
    ['a word that is a number', '*1\r\n:1\r\n'],
    ['a word that is missing', '*1\r\n$-1\r\n'],
    ['an array in it', '*1\r\n*1\r\n$1\r\na\r\n'],
  ])('%s', (_, text) => {
    expect(() => read('requests', text, 1000)).toThrow(ProtocolError);
  });
});

describe('what Redis might read otherwise is refused in both directions', () => {
  it.each([
    ['a plus sign', '*1\r\n$+1\r\na\r\n'],
    ['a leading zero', '*1\r\n$01\r\na\r\n'],
    ['a space', '*1\r\n$ 1\r\na\r\n'],
    ['no number', '*1\r\n$\r\na\r\n'],
    ['minus two', '*1\r\n$-2\r\na\r\n'],
    ['a line without CR', '*1\n$1\r\na\r\n'],
    ['a string that is longer than it says', '*1\r\n$1\r\nab\r\n'],
    ['a string that does not end with its line', '*1\r\n$1\r\naxx'.padEnd(30, 'x') + '\n'],
    ['an unknown type', '%1\r\n$1\r\na\r\n'],
  ])('%s', (_, text) => {
    for (const form of ['requests', 'replies'] as const) {
      expect(() => read(form, text, 1000)).toThrow(ProtocolError);
      expect(() => read(form, text, 1)).toThrow(ProtocolError);
    }
  });
});

describe('bounds', () => {
  it.each([
    ['more values than allowed', '*21\r\n'],
    ['more values than allowed, nested', '*1\r\n*11\r\n*10\r\n'],
    ['a line without end', '+' + 'x'.repeat(70_000)],
  ])('%s', (_, text) => {
    expect(() => read('replies', text, 1000)).toThrow(ProtocolError);
  });

  it.each([
    ['a word that says so', '*1\r\n$101\r\n'],
    ['words together', '*2\r\n$60\r\n' + 'x'.repeat(60) + '\r\n$60\r\n' + 'x'.repeat(60)],
  ])('a request that is too large ends it: %s', (_, text) => {
    expect(() => read('requests', text, 10)).toThrow(ProtocolError);
  });

  it.each([1, 10, 1000])('a reply that is too large is read past, in pieces of %i', (size) => {
    const large = `*2\r\n$150\r\n${'x'.repeat(150)}\r\n:1\r\n`;
    expect(read('replies', `:1\r\n${large}:2\r\n`, size)).toEqual([':1\r\n', 'too-large', ':2\r\n']);
  });

  it.each([1, 1000])('a reply of exactly the most bytes is whole, in pieces of %i', (size) => {
    const most = `$91\r\n${'x'.repeat(91)}\r\n`.slice(0, 100);
    const whole = `$92\r\n${'x'.repeat(92)}\r\n`;
    expect(most.length).toBe(98);
    expect(read('replies', whole, size)).toEqual([whole]);
  });
});
