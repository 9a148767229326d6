// Owns one server process of a demonstration: started with a configuration of its own, and stopped with it.
import { type ChildProcess, fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ParentMessage } from '../process/parent-message.ts';

export interface MemberOptions {
  readonly name: string;
  readonly program: 'edge-node' | 'worker-node' | 'relay-node';
  /** TOML. */
  readonly config: string;
  readonly redisUrl: string;
  /** For its configuration. */
  readonly folder: string;
}

export interface Member {
  readonly name: string;
  /** The first message of that type; rejects with what it printed when it ends before. */
  said<Type extends ParentMessage['type']>(type: Type): Promise<Extract<ParentMessage, { type: Type }>>;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<unknown>;
  /** By force after some seconds. */
  stop(): Promise<void>;
}

const stopMs = 8000;

export async function startMember({
  name,
  program,
  config,
  redisUrl,
  folder,
}: MemberOptions): Promise<Member> {
  const file = join(folder, `${name}.toml`);
  await writeFile(file, `data_dir = ${JSON.stringify(join(folder, name))}\n${config}`);
  const child = fork(join(import.meta.dirname, `${program}.js`), ['--config', file], {
    // A demonstration on one machine: how busy that is shall refuse nobody.
    env: { ...process.env, SLUICE_MAX_LOAD: '1', REDIS_URL: redisUrl },
    execArgv: ['--enable-source-maps'],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const messages: ParentMessage[] = [];
  child.on('message', (message: ParentMessage) => void messages.push(message));
  let printed = '';
  const keep = (text: string): void => {
    printed = (printed + text).slice(-4000);
  };
  child.stdout?.setEncoding('utf8').on('data', keep);
  child.stderr?.setEncoding('utf8').on('data', keep);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    name,
    ended,
    said: (type) => heard(child, messages, type, () => new Error(`${name} ended:\n${printed}`)),
    async stop() {
      const late = setTimeout(() => child.kill('SIGKILL'), stopMs);
      child.kill('SIGTERM');
      await ended;
      clearTimeout(late);
    },
  };
}

function heard<Type extends ParentMessage['type']>(
  child: ChildProcess,
  messages: readonly ParentMessage[],
  type: Type,
  failure: () => Error,
): Promise<Extract<ParentMessage, { type: Type }>> {
  const is = (message: ParentMessage): message is Extract<ParentMessage, { type: Type }> =>
    message.type === type;
  return new Promise((resolve, reject) => {
    const known = messages.find(is);
    if (known) resolve(known);
    child.on('message', (message: ParentMessage) => {
      if (is(message)) resolve(message);
    });
    child.once('exit', () => reject(failure()));
    if (child.exitCode !== null || child.signalCode !== null) reject(failure());
  });
}
