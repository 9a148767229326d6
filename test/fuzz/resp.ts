// Owns the fuzz target for the relay's door: what a client that reaches its port, or a server that is no Redis, could send.
import { FrameReader, ProtocolError, type Frame } from '../../edge/platform/redis/relay/frame-reader.ts';
import { ruleOn } from '../../edge/platform/redis/relay/rules.ts';
import { wordsOf } from '../../edge/platform/redis/relay/words.ts';
import { hostileBytes, integer, must } from './hostile-bytes.ts';
import type { FuzzTarget } from './target.ts';

const limits = { maxFrameBytes: 400, maxValues: 40 };
const names = [
  'GET',
  'SUBSCRIBE',
  'AUTH',
  'PING',
  'CLIENT',
  'SETNAME',
  'MULTI',
  'eval',
  '',
  '*1\r\n',
  '\r\n$3\r\n',
];

export const respTarget: FuzzTarget = {
  name: 'resp',
  run(random, iterations) {
    for (let round = 0; round < iterations; round++) {
      for (const form of ['requests', 'replies'] as const) {
        const start = Array.from({ length: 1 + integer(random, 4) }, () =>
          form === 'requests' ? request(random) : reply(random, 3),
        ).join('');
        // Often without a fault in it: else little but the first message is ever read.
        const bytes =
          random() < 0.4
            ? Buffer.from(start)
            : Buffer.from(hostileBytes(random, [...Buffer.from(start)], 20));
        const whole = read(form, bytes, [bytes]);
        const pieces = read(form, bytes, cut(random, bytes));
        must(whole.faulty === pieces.faulty, 'how bytes arrive does not change whether they are understood');
        must(whole.text === pieces.text, 'how bytes arrive does not change what they say');
      }
    }
  },
};

function read(form: 'requests' | 'replies', all: Buffer, chunks: readonly Buffer[]) {
  const reader = new FrameReader(form, limits);
  const frames: Frame[] = [];
  let faulty = false;
  try {
    for (const chunk of chunks) frames.push(...reader.push(chunk));
  } catch (error) {
    must(error instanceof ProtocolError, 'nothing but a fault of the protocol is thrown');
    faulty = true;
  }
  let at = 0;
  let past = false;
  for (const frame of faulty ? [] : frames) {
    if (frame.type === 'too-large') past = true;
    if (frame.type === 'too-large' || past) continue;
    const { bytes } = frame;
    must(bytes.length <= limits.maxFrameBytes, 'a message has at most so many bytes');
    must(all.subarray(at, at + bytes.length).equals(bytes), 'messages are what came, unchanged and in order');
    at += bytes.length;
    if (form === 'requests') rule(bytes);
  }
  // What came before a fault in the same chunk is lost with the connection.
  return {
    faulty,
    text: faulty
      ? ''
      : frames.map((each) => (each.type === 'whole' ? each.bytes.toString('hex') : '-')).join(),
  };
}

function rule(request: Buffer): void {
  const words = wordsOf(request, Number.POSITIVE_INFINITY);
  must(words.length > 0, 'a request has a word');
  const written = words.reduce((sum, word) => sum + word.length, 0);
  must(written < request.length, 'words are parts of their request');
  const ruling = ruleOn(words, { authenticated: true, listens: false });
  const reply = ruling.does === 'answer' ? ruling.reply.toString('latin1') : '+\r\n';
  must(/^[+-][^\r\n]*\r\n$/.test(reply), 'an answer is one line, whatever was asked');
}

function request(random: () => number): string {
  const words = Array.from(
    { length: 1 + integer(random, 4) },
    () => names[integer(random, names.length)] ?? '',
  );
  return `*${words.length}\r\n${words.map(bulk).join('')}`;
}

function reply(random: () => number, depth: number): string {
  switch (integer(random, depth > 0 ? 7 : 5)) {
    case 0:
      return '+OK\r\n';
    case 1:
      return ':-12\r\n';
    case 2:
      return '$-1\r\n';
    case 3:
      return '-ERR no\r\n';
    case 4:
      return bulk('x'.repeat(integer(random, 200)));
    default: {
      const values = Array.from({ length: integer(random, 4) }, () => reply(random, depth - 1));
      return `*${values.length}\r\n${values.join('')}`;
    }
  }
}

function bulk(word: string): string {
  return `$${Buffer.byteLength(word)}\r\n${word}\r\n`;
}

function cut(random: () => number, bytes: Buffer): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = 1 + integer(random, random() < 0.5 ? 3 : 60);
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}
