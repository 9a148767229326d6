// Owns the one connection over which the commands of all clients go to the home, in the order of their coming, and whose
// the replies are. Nothing is ever sent twice: with the connection all that waited fails.
import { Fifo } from './fifo.ts';
import type { Frame } from './frame-reader.ts';
import { HomeLine, type HomeLineDeps } from './home-line.ts';
import { errorReply, requestOf } from './words.ts';

type Answer = (reply: Buffer) => void;

export interface HomeCommands {
  readonly ready: boolean;
  readonly outstanding: number;
  /** Calls `answer` exactly once, perhaps before it returns: with the reply as it came, or an error of the relay's own. */
  send(request: Buffer, answer: Answer): void;
  close(): void;
}

const maxOutstanding = 100_000;
const maxQueuedBytes = 67_108_864;
const awayReply = errorReply('UNAVAILABLE the home cannot be reached');
const lostReply = errorReply('UNAVAILABLE the home was lost, and it is not known whether this was done');
const busyReply = errorReply('UNAVAILABLE the relay is too busy');
const largeReply = errorReply('ERR the reply is too large for the relay');
const readOnly = Buffer.from('-READONLY');

export function createHomeCommands(
  deps: Pick<HomeLineDeps, 'address' | 'limits' | 'clock' | 'log'>,
): HomeCommands {
  const waiting = new Fifo<Answer>();
  const line = new HomeLine({
    ...deps,
    name: 'sluice-relay',
    ready: () => undefined,
    frame: take,
    lost: () => {
      for (const answer of waiting.drain()) answer(lostReply);
    },
    ask: () => send(requestOf('PING'), () => undefined),
  });

  function take(frame: Frame): void {
    const answer = waiting.shift();
    if (frame.type === 'too-large') {
      answer?.(largeReply);
      return;
    }
    answer?.(frame.bytes);
    // A primary that became a replica: the name may lead to the new one by now.
    if (frame.bytes.subarray(0, readOnly.length).equals(readOnly)) line.renew();
  }

  function send(request: Buffer, answer: Answer): void {
    if (!line.ready) answer(awayReply);
    else if (waiting.size >= maxOutstanding || line.queuedBytes >= maxQueuedBytes) answer(busyReply);
    else {
      waiting.push(answer);
      line.write(request);
    }
  }

  return {
    get ready() {
      return line.ready;
    },
    get outstanding() {
      return waiting.size;
    },
    send,
    close() {
      line.close();
      for (const answer of waiting.drain()) answer(lostReply);
    },
  };
}
