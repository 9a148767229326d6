// Owns a cluster for tests: a Redis, edges and worker hosts as processes of their own on loopback. Not the clients that
// talk to it.
import { type ChildProcess, execFile, fork } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { denoFlags, findDeno } from '../../deploy/programs/deno-command.ts';
import type { ParentMessage } from '../../deploy/process/parent-message.ts';
import { loadSettings } from '../../deploy/settings/settings.ts';
import { type ScriptedRedis, startRedis } from '../../edge/platform/redis/scripted-redis.ts';

type Ready = Extract<ParentMessage, { type: 'ready' }>;

/** A process of the cluster. */
export interface Member {
  readonly pid: number;
  /** What it printed so far, at most the last 200 kB. */
  output(): string;
  /** Resolves with the exit code; -1 when a signal ended it. */
  readonly ended: Promise<number>;
  kill(signal: NodeJS.Signals): void;
  /** Asks it to end, by force after 10 s. */
  stop(): Promise<number>;
}
export type EdgeMember = Member & Omit<Ready, 'type'>;
export interface WorkerMember extends Member {
  /** Process ids of its media workers now. */
  readonly workers: readonly number[];
  /** Kills one of them; resolves with the process id of the next one. */
  killWorker(index?: number): Promise<number>;
}

export interface MemberOptions {
  /** Further lines of configuration (TOML) after the common ones. */
  readonly config?: string;
  readonly args?: readonly string[];
  /** Where it finds Redis, when not straight there. */
  readonly redisUrl?: string;
  /** Variables over those of this process. */
  readonly env?: Readonly<Record<string, string>>;
}
export interface EdgeOptions extends MemberOptions {
  /** Default: Node. */
  readonly runtime?: 'node' | 'deno';
}

const root = resolve(import.meta.dirname, '../..');
/** Also of a worker host that tries a simulated GPU on a crowded machine. */
const startMs = 80_000;
const stopMs = 10_000;
/** Later than a process takes a second signal for the first one, passed on twice (deploy/process/process-life.ts). */
const againMs = 600;
let built: Promise<unknown> | undefined;

export class TestCluster {
  #redis: ScriptedRedis;
  readonly #folder: string;
  readonly #members: Member[] = [];
  #started = 0;

  private constructor(redis: ScriptedRedis, folder: string) {
    this.#redis = redis;
    this.#folder = folder;
    process.once('exit', this.#killAll);
  }

  /** Nothing of it outlives the process that made it. */
  readonly #killAll = (): void => {
    for (const member of this.#members) member.kill('SIGKILL');
  };

  static async start(): Promise<TestCluster> {
    built ??= promisify(execFile)(process.execPath, [join(root, 'deploy/build.mjs')]);
    await built;
    const folder = await mkdtemp(join(tmpdir(), 'sluice-cluster-'));
    return new TestCluster(await startRedis(durable(folder)), folder);
  }

  get redis(): ScriptedRedis {
    return this.#redis;
  }

  /** Kills Redis; `back` starts it again on the same port, with what it had written or without. */
  async killRedis(): Promise<{ back(keep: 'its data' | 'nothing'): Promise<void> }> {
    const { port } = this.#redis;
    await this.#redis.kill();
    return {
      back: async (keep) => {
        if (keep === 'nothing')
          await rm(join(this.#folder, 'appendonlydir'), { recursive: true, force: true });
        this.#redis = await startRedis(durable(this.#folder), port);
      },
    };
  }

  /** Resolves once it listens. */
  async edge(options: EdgeOptions = {}): Promise<EdgeMember> {
    const { child, member } = await this.#fork('edge-node', options);
    const { type, ...ready } = await message(child, member, (each) =>
      each.type === 'ready' ? each : undefined,
    );
    return { ...member, ...ready };
  }

  /** Resolves once its workers run; whether they have announced themselves is seen at the edges. */
  async workers(options: MemberOptions = {}): Promise<WorkerMember> {
    const { child, member } = await this.#fork('worker-node', options);
    const pids = new Map<number, number>();
    const next = new Set<(pid: number) => void>();
    child.on('message', (each: ParentMessage) => {
      if (each.type !== 'worker') return;
      const { index = 0, pid } = each;
      if (pid === undefined) pids.delete(index);
      else {
        pids.set(index, pid);
        for (const tell of next) tell(pid);
        next.clear();
      }
    });
    await message(child, member, (each) => (each.type === 'worker' ? each : undefined));
    return {
      ...member,
      get workers() {
        return [...pids.values()];
      },
      killWorker: (index = 0) => {
        const later = new Promise<number>((tell) => next.add(tell));
        const pid = pids.get(index);
        if (pid !== undefined) process.kill(pid, 'SIGKILL');
        return later;
      },
    };
  }

  /** Ends all of it, without waiting for anybody's clients: who wants to see that stops a member. */
  async stop(): Promise<void> {
    const again = setTimeout(() => {
      for (const member of this.#members) member.kill('SIGTERM');
    }, againMs);
    await Promise.all(this.#members.map((member) => member.stop()));
    clearTimeout(again);
    process.off('exit', this.#killAll);
    await this.#redis.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #fork(program: string, options: EdgeOptions): Promise<{ child: ChildProcess; member: Member }> {
    const name = `${program}-${(this.#started += 1)}`;
    const config = join(this.#folder, `${name}.toml`);
    await writeFile(
      config,
      [
        `data_dir = ${JSON.stringify(join(this.#folder, name))}`,
        '[http]\nhost = "127.0.0.1"\nport = 0',
        '[https]\nenabled = false',
        '[webrtc]\nudp_port = 0\nhost = "127.0.0.1"',
        options.config ?? '',
      ].join('\n'),
    );
    const bundle = join(root, `build/server/${program}.js`);
    // Tests run on machines that are busy with other tests: what else their processors do must not refuse work.
    const env = {
      SLUICE_MAX_LOAD: '1',
      SLUICE_FAR_MS: '20',
      ...process.env,
      REDIS_URL: options.redisUrl ?? this.#redis.url,
      ...options.env,
    };
    const child = fork(bundle, ['--config', config, ...(options.args ?? [])], {
      cwd: root,
      env,
      ...(options.runtime === 'deno' ? onDeno(bundle, config, env) : { execArgv: ['--enable-source-maps'] }),
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    let output = '';
    const keep = (chunk: string): void => {
      output = (output + chunk).slice(-200_000);
    };
    child.stdout?.setEncoding('utf8').on('data', keep);
    child.stderr?.setEncoding('utf8').on('data', keep);
    const ended = new Promise<number>((tell) => child.once('exit', (code) => tell(code ?? -1)));
    const member: Member = {
      pid: child.pid ?? -1,
      output: () => output,
      ended,
      kill: (signal) => void child.kill(signal),
      stop: async () => {
        const late = setTimeout(() => child.kill('SIGKILL'), stopMs);
        child.kill('SIGTERM');
        // One that was stopped hears nothing else.
        child.kill('SIGCONT');
        const code = await ended;
        clearTimeout(late);
        return code;
      },
    };
    this.#members.push(member);
    return { child, member };
  }
}

/** As `npm run edge:deno` starts it. */
function onDeno(program: string, config: string, env: NodeJS.ProcessEnv) {
  const execPath = findDeno();
  if (execPath === undefined) throw new Error('there is no deno');
  return { execPath, execArgv: denoFlags(loadSettings(config, env), { program, config }) };
}

/** Everything is on disk before it is answered. */
function durable(folder: string): string[] {
  return ['--dir', folder, '--appendonly', 'yes', '--appendfsync', 'always'];
}

/** The first message that `pick` takes; rejects with the output of a process that ends or says nothing of the kind. */
function message<T>(
  child: ChildProcess,
  member: Member,
  pick: (message: ParentMessage) => T | undefined,
): Promise<T> {
  return new Promise((tell, reject) => {
    const fail = (why: string) => reject(new Error(`${why}\n${member.output()}`));
    const late = setTimeout(() => fail('the process does not start'), startMs);
    child.on('message', (each: ParentMessage) => {
      const picked = pick(each);
      if (picked === undefined) return;
      clearTimeout(late);
      tell(picked);
    });
    void member.ended.then((code) => {
      clearTimeout(late);
      fail(`the process ended with ${code}`);
    });
  });
}
