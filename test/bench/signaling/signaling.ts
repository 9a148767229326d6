// Owns the signaling benchmark: texts to a room of 10, 100 and 1,000 through Sluice (log, sequence numbers and all),
// plain ws and socket.io, interleaved in one run.
import { startSluice } from '../../support/server.ts';
import { startProgram } from '../lib/child.ts';
import { type Benchmark, median, progress, round, type Row, table } from '../lib/report.ts';
import { type Load, type LoadResult, runLoad, Tally } from './load.ts';
import { type Member, plainMember, sluiceMember, socketIoMember } from './member.ts';

const loads: readonly Load[] = [
  { size: 10, seconds: 2, outstanding: 16, pacedPerSecond: 100 },
  { size: 100, seconds: 3, outstanding: 16, pacedPerSecond: 50 },
  { size: 1000, seconds: 4, outstanding: 4, pacedPerSecond: 5 },
];
const rounds = 3;

type Contender = 'sluice' | 'ws' | 'socket.io';

async function post(url: string, body: unknown): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return text;
}

async function fill(size: number, join: (index: number) => Promise<Member>): Promise<Member[]> {
  const members: Member[] = [];
  for (let i = 0; i < size; i += 20) {
    members.push(
      ...(await Promise.all(Array.from({ length: Math.min(20, size - i) }, (_, k) => join(i + k)))),
    );
  }
  return members;
}

async function measure(contender: Contender, load: Load): Promise<LoadResult> {
  const tally = new Tally(load.size);
  if (contender === 'sluice') {
    const server = await startSluice();
    try {
      const members = await fill(load.size, async (index) => {
        const token = await post(`${server.url}/tokens`, { user: `member ${index}`, role: 'presenter' });
        return sluiceMember(server.url, token, tally.heard);
      });
      return await runLoad(server.pid, tally, members, load);
    } finally {
      await server.stop();
    }
  }
  const program = contender === 'ws' ? 'ws-server.ts' : 'socketio-server.ts';
  const server = await startProgram(`test/bench/signaling/${program}`);
  try {
    const member = contender === 'ws' ? plainMember : socketIoMember;
    return await runLoad(
      server.pid,
      tally,
      await fill(load.size, () => member(server.port, tally.heard)),
      load,
    );
  } finally {
    await server.stop();
  }
}

export const signaling: Benchmark = {
  name: 'signaling',
  about: 'texts delivered per CPU-second of the server, rooms of 10, 100, 1,000, against ws and socket.io',
  async run() {
    const rows: Row[] = [];
    const medians = new Map<string, number>();
    for (const load of loads) {
      const results = new Map<Contender, LoadResult[]>([
        ['sluice', []],
        ['ws', []],
        ['socket.io', []],
      ]);
      for (let turn = 1; turn <= rounds; turn++) {
        for (const [contender, list] of results) {
          progress(`room of ${load.size}, round ${turn} of ${rounds}: ${contender}`);
          list.push(await measure(contender, load));
        }
      }
      for (const [contender, list] of results) {
        const perCpuSecond = median(list.map((r) => r.perCpuSecond));
        medians.set(`${contender} ${load.size}`, perCpuSecond);
        rows.push({
          server: contender,
          room: load.size,
          'deliveries/CPU-s': Math.round(perCpuSecond),
          'deliveries/s': Math.round(median(list.map((r) => r.deliveriesPerSecond))),
          'p50 ms': round(median(list.map((r) => r.p50Ms))),
          'p99 ms': round(median(list.map((r) => r.p99Ms))),
        });
      }
    }
    const against = (other: Contender, size: number): number =>
      round((medians.get(`sluice ${size}`) ?? Number.NaN) / (medians.get(`${other} ${size}`) ?? Number.NaN));
    console.log(table(rows));
    return {
      bench: 'signaling',
      ratio: against('socket.io', 100),
      better: 'higher',
      baseline: 'socket.io 4.8.4, room of 100, deliveries per CPU-second',
      goal: '>= 1.5',
      details: {
        socketIo: {
          10: against('socket.io', 10),
          100: against('socket.io', 100),
          1000: against('socket.io', 1000),
        },
        ws: { 10: against('ws', 10), 100: against('ws', 100), 1000: against('ws', 1000) },
      },
    };
  },
};
