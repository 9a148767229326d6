// The baseline: an "edge" that decides nothing. Each text is one script that counts, adds to a stream and publishes; every
// process hears all of them and reads their JSON. Nobody compares, folds, or could tell a text sent twice. It obeys the
// orders of a crowd. Arguments: its name, the URL of Redis, the room.
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { textOf } from '../../support/room-crowd/hearing.ts';
import { LatencyCount } from '../../support/room-crowd/latencies.ts';
import type { Answer, Order, Talk } from '../../support/room-crowd/orders.ts';

const addLua = `
local seq = redis.call('INCR', KEYS[2])
redis.call('XADD', KEYS[1], 'MAXLEN', '~', 90000, seq .. '-0', 'e', ARGV[1])
redis.call('PUBLISH', KEYS[1], ARGV[1])
return seq`;

const [name = '', url = '', room = ''] = process.argv.slice(2);
const keys = [`plain:{${room}}:log`, `plain:{${room}}:seq`] as const;
const client = new Redis(url);
const subscriber = new Redis(url);
let heard = 0;
subscriber.on('message', (_channel, text: string) => {
  const event: unknown = JSON.parse(text);
  if (event !== null) heard += 1;
});
await subscriber.subscribe(keys[0]);
const sha = String(await client.script('LOAD', addLua));
let speakers: string[] = [];

async function talk({ at, seconds }: Extract<Order, { do: 'talk' }>): Promise<Talk> {
  const end = at + seconds * 1000;
  const latencies = new LatencyCount();
  let [acked, ackedInTime, slowestMs] = [0, 0, 0];
  await sleep(Math.max(0, at - Date.now()));
  const cpu = process.cpuUsage();
  await Promise.all(
    speakers.map(async (from) => {
      for (let cid = 1; Date.now() < end; cid += 1) {
        const began = performance.now();
        const event = { type: 'text-sent', from, to: 'all', message: textOf(from, cid) };
        await client.evalsha(sha, 2, ...keys, JSON.stringify([began, name, event, from, cid]));
        const ms = performance.now() - began;
        latencies.add(ms);
        slowestMs = Math.max(slowestMs, ms);
        acked += 1;
        if (Date.now() < end) ackedInTime += 1;
      }
    }),
  );
  const { user, system } = process.cpuUsage(cpu);
  const cpuMs = (user + system) / 1000;
  const said = speakers.map((speaker) => [speaker, acked] as const);
  return { acked, ackedInTime, repeated: 0, cpuMs, latencies: latencies.counts, slowestMs, seq: heard, said };
}

async function obey(order: Order): Promise<void> {
  if (order.do === 'fill') {
    speakers = Array.from({ length: order.participants }, (_, index) => `${name}.${index}`);
    process.send?.({ done: 'fill', seq: 0 } satisfies Answer);
  } else if (order.do === 'talk') {
    process.send?.({ done: 'talk', talk: await talk(order) } satisfies Answer);
  }
}

process.on('message', (order: Order) => void obey(order));
process.on('disconnect', () => process.exit(0));
process.send?.({ done: 'open' } satisfies Answer);
