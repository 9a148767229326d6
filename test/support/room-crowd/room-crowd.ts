// Owns a crowd: edges as processes that share one room through a real Redis, participants that talk in it as fast as it
// goes or at a rate, and the proof that nothing was lost, doubled or out of order. Not what a connection costs.
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { nodeClock } from '../../../edge/platform/node/clock.ts';
import { createLog } from '../../../edge/platform/node/log.ts';
import { nodeRandom } from '../../../edge/platform/node/random.ts';
import { createRedisPorts, type RedisPorts } from '../../../edge/platform/redis/ports.ts';
import { type ScriptedRedis, startRedis } from '../../../edge/platform/redis/scripted-redis.ts';
import { roomDocument } from '../../../edge/store/conformance/room-document.ts';
import { comparedToLog, type LogProof } from './log-proof.ts';
import type { Answer, Heard, Order, Talk } from './orders.ts';

export interface CrowdOptions {
  readonly edges: number;
  /** Of the whole room; divided among the edges. */
  readonly participants: number;
  /** Log entries that are kept for the proof; snapshots let go of more. */
  readonly keepEntries: number;
  /** Of the edges' `node`, such as `--cpu-prof`. */
  readonly nodeOptions?: readonly string[];
  /** Another program that obeys the same orders. */
  readonly program?: string;
}

export interface Proof extends LogProof {
  /** What is wrong: nothing, if all is well. */
  readonly wrong: readonly string[];
  /** Texts acknowledged. */
  readonly acked: number;
}

const edgeProgram = 'test/support/room-crowd/edge-program.ts';
const log = createLog({ name: 'crowd', level: 'error' });
/** Between the order to talk and its beginning. */
const leadMs = 200;
const stopMs = 5000;

export class RoomCrowd {
  readonly redis: ScriptedRedis;
  readonly #ports: RedisPorts;
  readonly #room: string;
  readonly #program: string;
  readonly #keepEntries: number;
  readonly #nodeOptions: readonly string[];
  readonly #edges: ChildProcess[] = [];
  #talks: readonly Talk[] = [];

  private constructor(of: {
    redis: ScriptedRedis;
    ports: RedisPorts;
    room: string;
    program: string;
    keepEntries: number;
    nodeOptions: readonly string[];
  }) {
    this.redis = of.redis;
    this.#ports = of.ports;
    this.#room = of.room;
    this.#program = of.program;
    this.#keepEntries = of.keepEntries;
    this.#nodeOptions = of.nodeOptions;
  }

  /** Resolves when everybody has joined. */
  static async start(options: CrowdOptions): Promise<RoomCrowd> {
    const { edges, participants, keepEntries, nodeOptions = [] } = options;
    const [program, redis] = await Promise.all([bundle(options.program ?? edgeProgram), startRedis()]);
    const ports = createRedisPorts({
      urls: { rooms: redis.url },
      clock: nodeClock,
      random: nodeRandom,
      log,
    });
    const service = await ports.directory.createService({ _id: '', name: 's', key: 'k', encrypted: false });
    const { _id: room } = await ports.directory.createRoom(service._id, roomDocument('room'));
    const crowd = new RoomCrowd({ redis, ports, room, program, keepEntries, nodeOptions });
    try {
      for (let index = 0; index < edges; index += 1) await crowd.#open(`edge-${index}`);
      await crowd.#all({ do: 'fill', participants: Math.ceil(participants / edges) });
      return crowd;
    } catch (error) {
      await crowd.stop();
      throw error;
    }
  }

  /** Everybody talks; without `perSecond` (of the whole room) as fast as each is acknowledged. One result an edge. */
  async talk(seconds: number, perSecond?: number): Promise<readonly Talk[]> {
    const rate = perSecond === undefined ? {} : { perSecond: perSecond / this.#edges.length };
    const answers = await this.#all({ do: 'talk', at: Date.now() + leadMs, seconds, ...rate });
    this.#talks = answers.flatMap((answer) => (answer.done === 'talk' ? [answer.talk] : []));
    return this.#talks;
  }

  /** Looks at every edge and at the log after `talk`: every text acknowledged is there, once, in order, everywhere. */
  async proof(): Promise<Proof> {
    const seq = Math.max(...this.#talks.map((talk) => talk.seq));
    const answers = await this.#all({ do: 'catch-up', seq });
    const heard = answers.flatMap((answer) => (answer.done === 'catch-up' ? [answer.heard] : []));
    const said = new Map(this.#talks.flatMap((talk) => talk.said));
    const texts = [...said.values()].reduce((sum, each) => sum + each, 0);
    const read = await comparedToLog(this.#ports.log, this.#room, said, this.#keepEntries);
    return {
      read: read.read,
      wrong: [...read.wrong, ...heard.flatMap((each, index) => misheard(index, each, heard[0], said, texts))],
      acked: this.#talks.reduce((sum, talk) => sum + talk.acked, 0),
    };
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#edges.map(async (child) => {
        if (!child.connected) return;
        const gone = new Promise((resolve) => child.once('exit', resolve));
        const late = setTimeout(() => child.kill('SIGKILL'), stopMs);
        // Without its driver an edge ends by itself.
        child.disconnect();
        await gone;
        clearTimeout(late);
      }),
    );
    await this.#ports.close();
    await this.redis.kill();
    await rm(this.#program, { force: true });
  }

  async #open(name: string): Promise<void> {
    const args = [name, this.redis.url, this.#room, String(this.#keepEntries)];
    const child = fork(this.#program, args, {
      execArgv: [...this.#nodeOptions],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#edges.push(child);
    await answerOf(child, 'open');
  }

  #all(order: Order): Promise<Answer[]> {
    return Promise.all(
      this.#edges.map((child) => {
        child.send(order);
        return answerOf(child, order.do);
      }),
    );
  }
}

function misheard(
  index: number,
  heard: Heard,
  first: Heard | undefined,
  said: ReadonlyMap<string, number>,
  texts: number,
): string[] {
  const wrong = [...heard.wrong];
  if (heard.texts !== texts) wrong.push(`${heard.texts} texts instead of ${texts}`);
  for (const [participant, last] of heard.last) {
    if (last !== said.get(participant)) wrong.push(`${participant} ends with ${last}`);
  }
  if (heard.hash !== first?.hash) wrong.push('other texts or another order than at the first edge');
  if (heard.state !== first?.state) wrong.push('another state than at the first edge');
  return wrong.map((what) => `edge ${index}: ${what}`);
}

function answerOf(child: ChildProcess, done: Answer['done']): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`an edge ended with ${code}`));
    const take = (answer: Answer): void => {
      if (answer.done !== done) return;
      child.off('exit', ended).off('message', take);
      resolve(answer);
    };
    child.once('exit', ended).on('message', take);
  });
}

/** Tests and tools run in the repository's root. Resolves with where the program lies. */
async function bundle(entry: string): Promise<string> {
  const outfile = join(process.cwd(), `build/tools/crowd-edge-${process.pid}-${Date.now()}.mjs`);
  await promisify(execFile)(process.execPath, ['deploy/bundle.mjs', entry, outfile]);
  return outfile;
}
