// Owns the tokens benchmark: making and using up join tokens, against the least that the wire form allows: one HMAC each way
// over a token that says nothing, its record in a map. Both ways run in turns in this one process.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { newRoomDocument } from '../../../edge/management/room-document.ts';
import { createMemoryPorts } from '../../../edge/platform/memory/ports.ts';
import { nodeClock } from '../../../edge/platform/node/clock.ts';
import { nodeRandom } from '../../../edge/platform/node/random.ts';
import { createTokens } from '../../../edge/tokens/tokens.ts';
import { type Benchmark, type BenchResult, median, progress, round, table } from '../lib/report.ts';

const perRound = 4_000;
const atOnce = 64;
const rounds = 9;

interface Contender {
  issue(): Promise<string>;
  redeem(token: string): Promise<void>;
}

async function ours(): Promise<Contender> {
  const clock = nodeClock;
  const random = nodeRandom;
  const ports = await createMemoryPorts({ clock, random });
  const service = await ports.directory.createService({ _id: '', name: 's', key: 'k', encrypted: false });
  const room = await ports.directory.createRoom(service._id, newRoomDocument('', { name: 'room' }));
  const tokens = createTokens({ ...ports, clock, random, address: () => ({ host: 'h:1', secure: true }) });
  const origin = { isp: 'isp', region: 'region' };
  const request = { user: 'alice', role: 'presenter', room: room._id, service: service._id, origin };
  return {
    issue: () => tokens.issue(request),
    async redeem(token) {
      await tokens.redeem(token);
    },
  };
}

function plain(): Contender {
  const key = randomBytes(64).toString('hex');
  const records = new Map<string, object>();
  const sign = (text: string) =>
    Buffer.from(createHmac('sha256', key).update(text).digest('hex')).toString('base64');
  return {
    async issue() {
      const tokenId = randomBytes(12).toString('hex');
      const record = { user: 'alice', role: 'presenter', room: 'r', service: 's', createdAt: Date.now() };
      records.set(tokenId, record);
      const parts = { tokenId, host: 'h:1', secure: true, signature: sign(`${tokenId},h:1,undefined`) };
      return Buffer.from(JSON.stringify(parts)).toString('base64');
    },
    async redeem(token) {
      const { tokenId, host, signature } = JSON.parse(Buffer.from(token, 'base64').toString()) as Record<
        'tokenId' | 'host' | 'signature',
        string
      >;
      const expected = Buffer.from(sign(`${tokenId},${host},undefined`));
      if (!timingSafeEqual(expected, Buffer.from(signature)) || !records.delete(tokenId))
        throw new Error('a good token was refused');
    },
  };
}

interface Cost {
  readonly perSecond: number;
  /** Of all threads. */
  readonly cpuMicros: number;
}

async function measured<T>(inputs: readonly T[], work: (input: T) => Promise<unknown>): Promise<Cost> {
  const began = performance.now();
  const cpu = process.cpuUsage();
  for (let from = 0; from < inputs.length; from += atOnce)
    await Promise.all(inputs.slice(from, from + atOnce).map(work));
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - began) / 1000;
  return { perSecond: inputs.length / seconds, cpuMicros: (user + system) / inputs.length };
}

async function roundOf(contender: Contender): Promise<{ issue: Cost; redeem: Cost }> {
  const tokens: string[] = [];
  const issue = await measured(Array<undefined>(perRound).fill(undefined), async () => {
    tokens.push(await contender.issue());
  });
  return { issue, redeem: await measured(tokens, (token) => contender.redeem(token)) };
}

async function run(): Promise<BenchResult> {
  const contenders = { sluice: await ours(), plain: plain() };
  const results = {
    sluice: [] as Awaited<ReturnType<typeof roundOf>>[],
    plain: [] as Awaited<ReturnType<typeof roundOf>>[],
  };
  for (let turn = 0; turn <= rounds; turn += 1) {
    progress(turn === 0 ? 'warming up' : `round ${turn} of ${rounds}`);
    for (const name of ['sluice', 'plain'] as const) {
      const result = await roundOf(contenders[name]);
      if (turn > 0) results[name].push(result);
    }
  }
  const middle = (name: 'sluice' | 'plain', step: 'issue' | 'redeem', what: keyof Cost) =>
    median(results[name].map((each) => each[step][what]));
  const rows = (['issue', 'redeem'] as const).map((step) => ({
    step,
    'sluice/s': Math.round(middle('sluice', step, 'perSecond')),
    'plain/s': Math.round(middle('plain', step, 'perSecond')),
    'sluice CPU µs': round(middle('sluice', step, 'cpuMicros'), 1),
    'plain CPU µs': round(middle('plain', step, 'cpuMicros'), 1),
  }));
  console.log(table(rows));
  const cpu = (name: 'sluice' | 'plain') =>
    middle(name, 'issue', 'cpuMicros') + middle(name, 'redeem', 'cpuMicros');
  return {
    bench: 'tokens',
    ratio: round(cpu('sluice') / cpu('plain')),
    better: 'lower',
    baseline:
      'one HMAC-SHA256 of node:crypto each way and a map of records: no claims inside, no other edge can use it',
    details: { perRound, rounds, atOnce, rows },
  };
}

export const tokens: Benchmark = {
  name: 'tokens',
  about: 'join tokens made and used up, against plain HMAC and a map',
  run,
};
