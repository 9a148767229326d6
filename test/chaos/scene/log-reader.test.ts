import { afterEach, beforeEach, expect, it } from 'vitest';
import { startRedis, type ScriptedRedis } from '../../../edge/platform/redis/scripted-redis.ts';
import { logRecord } from '../../../edge/rooms/event.ts';
import { encodeRecord } from '../../../edge/rooms/record-codec.ts';
import type { LogPosition } from '../../../edge/store/room-log.ts';
import { LogReader } from './log-reader.ts';
import { Record } from './record.ts';

const head = { at: 0, edge: 'e', n: undefined, by: undefined };
const text = (message: string): Uint8Array =>
  encodeRecord(logRecord(head, { type: 'text-sent', from: 'a', to: 'all', message }));

let redis: ScriptedRedis;
let record: Record;
let reader: LogReader;
beforeEach(async () => {
  redis = await startRedis();
  record = new Record();
  reader = new LogReader(redis.url, record);
});
afterEach(async () => {
  await reader.close();
  await redis.kill();
});

/** As an edge does, as soon as the log has settled. */
async function append(at: LogPosition, ...messages: readonly string[]): Promise<void> {
  const result = await reader.ports.log.append('r', at, messages.map(text));
  if (result.ok) return;
  await new Promise((resolve) => setTimeout(resolve, result.settlesInMs ?? 1));
  await append(at, ...messages);
}

async function texts(): Promise<readonly string[]> {
  await reader.catchUp();
  return record.take([], []).logged.map(({ event }) => (event.type === 'text' ? event.message : event.type));
}

it('takes back what it has read when the log went on without it: that was lost', async () => {
  const { log } = reader.ports;
  const { epoch } = await log.open('r');
  await reader.follow('r');
  await append({ epoch, seq: 0 }, '1', '2', '3');
  await reader.catchUp();
  await redis.admin.flushall();
  // By an edge that has not heard of the others.
  await log.restore('r', { epoch, seq: 1 }, new Uint8Array(1), [text('1')]);
  const next = await log.open('r');
  await append({ epoch: next.epoch, seq: 1 }, 'other 2', 'other 3');
  await append({ epoch: next.epoch, seq: 3 }, '4');
  expect(await texts()).toEqual(['1', 'other 2', 'other 3', '4']);
  expect(reader.holes).toEqual(['r: entries 2 to 3 were read and are not in the log']);
});

it('reads what was given back by one that is behind, and then by one that knows more', async () => {
  const { log } = reader.ports;
  const { epoch } = await log.open('r');
  await reader.follow('r');
  await append({ epoch, seq: 0 }, '1', '2');
  await reader.catchUp();
  await redis.admin.flushall();
  await log.restore('r', { epoch, seq: 1 }, new Uint8Array(1), [text('1')]);
  await log.restore('r', { epoch, seq: 3 }, new Uint8Array(1), ['1', '2', '3'].map(text));
  await append({ epoch: (await log.open('r')).epoch, seq: 3 }, '4');
  expect(await texts()).toEqual(['1', '2', '3', '4']);
  expect(reader.holes).toEqual([]);
});
