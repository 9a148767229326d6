// One edge of a crowd, as a process: live rooms over a real Redis, and participants that talk in it without a WebSocket
// between. Arguments: its name, the URL of Redis, the room, how many log entries to keep.
import { setTimeout as sleep } from 'node:timers/promises';
import { nodeClock } from '../../../edge/platform/node/clock.ts';
import { createLog } from '../../../edge/platform/node/log.ts';
import { nodeRandom } from '../../../edge/platform/node/random.ts';
import { createRedisPorts } from '../../../edge/platform/redis/ports.ts';
import type { Command } from '../../../edge/rooms/command.ts';
import { createRooms } from '../../../edge/rooms/rooms.ts';
import { Hearing, textOf } from './hearing.ts';
import { LatencyCount } from './latencies.ts';
import type { Answer, Order, Talk } from './orders.ts';

interface Speaker {
  readonly participant: string;
  cid: number;
  said: number;
}

const [edge = '', url = '', roomId = '', keepEntries = '0'] = process.argv.slice(2);
const log = createLog({ name: edge, level: 'error' });
const ports = createRedisPorts({ urls: { rooms: url }, clock: nodeClock, random: nodeRandom, log });
await ports.settled();
const rooms = createRooms({
  ports,
  clock: nodeClock,
  random: nodeRandom,
  log,
  edge,
  // These edges are in no registry: nobody shall miss them there. The room waits for all of them.
  settings: { lostEdgeMs: 3_600_000, idleMs: 3_600_000, keepEntries: Number(keepEntries) },
});
const room = await rooms.open(roomId);
const hearing = new Hearing(room);
const speakers: Speaker[] = [];
let repeated = 0;

/** As a client does: with the same id as often as it takes. Resolves with the log entry. */
async function insist(command: Command, participant: string, cid: number): Promise<number> {
  for (;;) {
    try {
      const outcome = await room.execute(command, { participant, cid });
      if (!outcome.ok) throw new TypeError(`refused: ${outcome.refusal.message}`);
      return outcome.seq;
    } catch (error) {
      if (error instanceof TypeError) throw error;
      repeated += 1;
      await sleep(20);
    }
  }
}

async function fill(participants: number): Promise<number> {
  const seqs = await Promise.all(
    Array.from({ length: participants }, () => {
      const participant = `${edge}.${speakers.length}`;
      speakers.push({ participant, cid: 1, said: 0 });
      const origin = { isp: '', region: '' };
      const join = { type: 'join', participant, user: participant, role: 'presenter', origin, edge } as const;
      return insist(join, participant, 1);
    }),
  );
  return Math.max(0, ...seqs);
}

async function talk({ at, seconds, perSecond }: Extract<Order, { do: 'talk' }>): Promise<Talk> {
  const end = at + seconds * 1000;
  const latencies = new LatencyCount();
  const waiting = new Set<Promise<void>>();
  const before = repeated;
  let [acked, ackedInTime, slowestMs, last] = [0, 0, 0, 0];
  const say = async (speaker: Speaker): Promise<void> => {
    const began = performance.now();
    const { participant } = speaker;
    const message = textOf(participant, (speaker.said += 1));
    const seq = await insist(
      { type: 'text', from: participant, to: 'all', message },
      participant,
      (speaker.cid += 1),
    );
    const ms = performance.now() - began;
    latencies.add(ms);
    slowestMs = Math.max(slowestMs, ms);
    last = Math.max(last, seq);
    acked += 1;
    if (Date.now() < end) ackedInTime += 1;
  };
  const inTurn = async (speaker: Speaker): Promise<void> => {
    while (Date.now() < end) await say(speaker);
  };
  const byChance = async (rate: number): Promise<void> => {
    let next = at;
    while (next < end) {
      while (next <= Date.now() && next < end) {
        const speaker = speakers[Math.floor(Math.random() * speakers.length)];
        if (speaker === undefined) return;
        const saying = say(speaker).finally(() => waiting.delete(saying));
        waiting.add(saying);
        next -= (Math.log(1 - Math.random()) * 1000) / rate;
      }
      await sleep(1);
    }
  };
  await sleep(Math.max(0, at - Date.now()));
  const cpu = process.cpuUsage();
  const over = sleep(Math.max(0, end - Date.now())).then(() => process.cpuUsage(cpu));
  await (perSecond === undefined ? Promise.all(speakers.map(inTurn)) : byChance(perSecond));
  await Promise.all(waiting);
  const { user, system } = await over;
  return {
    acked,
    ackedInTime,
    repeated: repeated - before,
    cpuMs: (user + system) / 1000,
    latencies: latencies.counts,
    slowestMs,
    seq: last,
    said: speakers.map(({ participant, said }) => [participant, said]),
  };
}

async function obey(order: Order): Promise<Answer> {
  switch (order.do) {
    case 'fill':
      return { done: 'fill', seq: await fill(order.participants) };
    case 'talk':
      return { done: 'talk', talk: await talk(order) };
    case 'catch-up':
      return { done: 'catch-up', heard: await hearing.upTo(order.seq) };
  }
}

const tell = (answer: Answer): void => void process.send?.(answer);
process.on('message', (order: Order) => {
  obey(order).then(tell, (error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
process.on('disconnect', () => process.exit(0));
tell({ done: 'open' });
