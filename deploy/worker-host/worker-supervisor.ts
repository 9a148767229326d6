// Owns the life of the media worker process beside a standalone edge: forks it, joins it to the bus, announces its death
// the moment it dies and starts the next one. What the worker does is workers/main.ts.
import { type ChildProcess, fork } from 'node:child_process';
import type { Clock, Log, Random } from '../../edge/clock.ts';
import { bridgeChild } from '../../edge/platform/node/ipc-bridge.ts';
import type { Registry } from '../../edge/store/registry.ts';
import type { Bus, Unsubscribe } from '../../schemas/bus.ts';
import type { WorkerEnd } from '../../schemas/worker-end.ts';
import { restartDelay } from './restart-delay.ts';
import { tellOfDeath } from './tell-of-death.ts';

export interface WorkerSupervisorDeps {
  readonly bus: Bus;
  readonly registry: Pick<Registry, 'remove' | 'watch'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The worker's program, a JavaScript file. */
  readonly program: string;
  /** Environment variables for the worker of this id. */
  readonly env: (worker: string) => Readonly<Record<string, string>>;
  /** Told at each start, and without a pid at each death. */
  readonly changed?: (pid: number | undefined) => void;
  /** Given what the worker says beside the bus. */
  readonly said?: (message: unknown) => void;
}

export interface WorkerSupervisor {
  /** The id of the worker that runs, or ran last. */
  readonly worker: string;
  /** Ends the worker, by force after `patienceMs`, and starts no other. */
  close(patienceMs: number): Promise<void>;
}

/** Starts the worker and keeps one running until `close`. Each start is a new worker with an id of its own. */
export function superviseWorker(deps: WorkerSupervisorDeps): WorkerSupervisor {
  const { bus, registry, clock, random, log, program, env, changed } = deps;
  let child: ChildProcess | undefined;
  let worker = '';
  let closing = false;
  let cancelRestart: Unsubscribe = () => undefined;
  let deaths: readonly number[] = [];

  const start = (): void => {
    worker = `worker-${[...random.bytes(6)].map((byte) => byte.toString(16).padStart(2, '0')).join('')}`;
    const id = worker;
    const started = fork(program, [], {
      serialization: 'advanced',
      execArgv: ['--enable-source-maps'],
      env: { ...process.env, ...env(id) },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child = started;
    if (deps.said) started.on('message', deps.said);
    const unbridge = bridgeChild(bus, started);
    let gone = false;
    const ended = (reason: string): void => {
      if (gone) return;
      gone = true;
      unbridge();
      child = undefined;
      changed?.(undefined);
      tellOfDeath({ registry, clock, log, worker: id, reason });
      if (closing) {
        log.info('the media worker ended', { worker: id, reason });
        return;
      }
      const now = clock.now();
      deaths = [...deaths.slice(-59), now];
      const waitMs = restartDelay(deaths, now);
      log.error('the media worker died, starting another', { worker: id, reason, waitMs });
      // Even at once means after what is queued: the dead one's end is told before the next one's beginning.
      cancelRestart = clock.after(waitMs, start);
    };
    started.on('error', (error) => ended(error.message));
    started.on('exit', (code, signal) =>
      ended(signal === null ? `exit code ${code ?? '?'}` : `killed by ${signal}`),
    );
    changed?.(started.pid);
    log.info('the media worker is starting', { worker: id, pid: started.pid });
  };

  // A worker that went silent is lost for everybody; what is left of it must not hold its port.
  const unwatch = registry.watch((lost, reason) => {
    // One that says good-bye ends by itself.
    if (lost !== worker || child === undefined || closing || reason === 'quit') return;
    log.error('the media worker does not answer', { worker, reason });
    child.kill('SIGKILL');
  });

  start();
  return {
    get worker() {
      return worker;
    },
    close: async (patienceMs) => {
      closing = true;
      unwatch();
      cancelRestart();
      const last = child;
      if (last === undefined) return;
      const ended = new Promise<void>((resolve) => last.once('exit', () => resolve()));
      const cancel = clock.after(patienceMs, () => last.kill('SIGKILL'));
      const end: WorkerEnd = { t: 'end' };
      // A broken channel has told it already.
      if (last.connected) last.send(end, () => undefined);
      await ended;
      cancel();
    },
  };
}
