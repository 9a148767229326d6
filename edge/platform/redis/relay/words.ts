// Owns the small messages of the Redis protocol that the relay reads and writes itself.

const lf = 0x0a;
const bulk = 0x24;

/**
 * The first `most` strings of a whole message that is an array of strings, as views of it; values of other types count as
 * the end. Empty for what is no array.
 */
export function wordsOf(frame: Buffer, most: number): Buffer[] {
  const words: Buffer[] = [];
  let at = frame.indexOf(lf) + 1;
  while (words.length < most && frame[at] === bulk) {
    const end = frame.indexOf(lf, at);
    const length = Number(frame.toString('latin1', at + 1, end - 1));
    if (end < 0 || length < 0) break;
    words.push(frame.subarray(end + 1, end + 1 + length));
    at = end + 1 + length + 2;
  }
  return words;
}

/** A request of these words. */
export function requestOf(...words: readonly (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${words.length}\r\n`)];
  for (const word of words) parts.push(...bulkOf(word));
  return Buffer.concat(parts);
}

/** `text` has no line ends and begins with the error's name, such as `ERR`. */
export function errorReply(text: string): Buffer {
  return Buffer.from(`-${text}\r\n`);
}

export const okReply = Buffer.from('+OK\r\n');

/** What Redis answers to each channel of a (un)subscription; `count` is how many the client listens to then. */
export function subscriptionReply(
  kind: 'subscribe' | 'unsubscribe',
  channel: Buffer | undefined,
  count: number,
): Buffer {
  const name = channel === undefined ? [Buffer.from('$-1\r\n')] : bulkOf(channel);
  return Buffer.concat([Buffer.from('*3\r\n'), ...bulkOf(kind), ...name, Buffer.from(`:${count}\r\n`)]);
}

/** The answer to PING of a client that subscribes. */
export function pongPush(word: Buffer): Buffer {
  return Buffer.concat([Buffer.from('*2\r\n$4\r\npong\r\n'), ...bulkOf(word)]);
}

function bulkOf(word: string | Buffer): Buffer[] {
  const bytes = typeof word === 'string' ? Buffer.from(word) : word;
  return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')];
}
