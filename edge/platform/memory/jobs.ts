// Owns jobs inside one process. What waits is lost with it: who adds jobs of rooms and services adds them anew at the start.
import type { Unsubscribe } from '../../../schemas/bus.ts';
import { refusalOf, SluiceError } from '../../../schemas/error.ts';
import type { Clock, Log } from '../../clock.ts';
import type { FailedJob, JobRequest, JobRun, Jobs } from '../../store/jobs.ts';

interface Waiting {
  readonly job: JobRequest;
  readonly key: string;
  attempt: number;
  at: number;
  /** Its time has come; it waits for somebody. */
  due: boolean;
  cancel: Unsubscribe;
}

interface Worker {
  readonly handler: (job: JobRun) => Promise<void>;
  readonly atOnce: number;
}

interface Kind {
  readonly waiting: Map<string, Waiting>;
  readonly running: Set<string>;
  readonly failed: FailedJob[];
  worker?: Worker;
  stopRepeating?: Unsubscribe;
}

const maxWaiting = 100_000;
const maxFailed = 100;
/** A timer of a platform may not reach as far as a job is planned. */
const longestWaitMs = 86_400_000;
const closeMs = 5000;

/** Jobs that live and die with this process. */
export function createMemoryJobs(options: { clock: Clock; log?: Log }): Jobs {
  const { clock, log } = options;
  const kinds = new Map<string, Kind>();
  const running = new Set<Promise<void>>();
  let count = 0;
  let closed = false;

  function kindOf(name: string): Kind {
    const kind = kinds.get(name) ?? { waiting: new Map(), running: new Set(), failed: [] };
    kinds.set(name, kind);
    return kind;
  }

  function wait(kind: Kind, job: Waiting): void {
    job.due = false;
    kind.waiting.set(job.key, job);
    job.cancel = clock.after(Math.min(longestWaitMs, Math.max(0, job.at - clock.now())), () => {
      if (clock.now() < job.at) wait(kind, job);
      else job.due = true;
      start(kind);
    });
  }

  function start(kind: Kind): void {
    for (const job of kind.waiting.values()) {
      if (closed || !kind.worker || kind.running.size >= kind.worker.atOnce) return;
      if (!job.due) continue;
      kind.waiting.delete(job.key);
      kind.running.add(job.key);
      const ended = run(kind, job, kind.worker).finally(() => running.delete(ended));
      running.add(ended);
    }
  }

  async function run(kind: Kind, waiting: Waiting, { handler }: Worker): Promise<void> {
    const { job, key, attempt } = waiting;
    try {
      await handler({ data: structuredClone(job.data), attempt });
      kind.running.delete(key);
    } catch (error) {
      kind.running.delete(key);
      const { most = 1, firstDelayMs = 0 } = job.tries ?? {};
      if (attempt < most) {
        wait(kind, { ...waiting, attempt: attempt + 1, at: clock.now() + firstDelayMs * 2 ** (attempt - 1) });
      } else {
        log?.warn('a job has failed', { kind: job.kind, error });
        kind.failed.unshift({ data: job.data, reason: refusalOf(error).message });
        kind.failed.length = Math.min(kind.failed.length, maxFailed);
      }
    }
    start(kind);
  }

  function put(job: JobRequest): void {
    const kind = kindOf(job.kind);
    const key = job.id === undefined ? `#${(count += 1)}` : `=${job.id}`;
    if (kind.running.has(key)) return;
    kind.waiting.get(key)?.cancel();
    kind.waiting.delete(key);
    if (kind.waiting.size >= maxWaiting) throw new SluiceError('unavailable', 'Too many jobs wait');
    const copy = { ...job, data: structuredClone(job.data) };
    wait(kind, { job: copy, key, attempt: 1, at: job.at ?? 0, due: false, cancel: () => undefined });
  }

  return {
    lasting: false,
    async add(job) {
      if (closed) throw new SluiceError('unavailable', 'No more jobs are taken');
      put(job);
    },
    async cancel(kind, id) {
      const waiting = kinds.get(kind)?.waiting;
      waiting?.get(`=${id}`)?.cancel();
      return waiting?.delete(`=${id}`) ?? false;
    },
    async repeat(name, everyMs) {
      const kind = kindOf(name);
      kind.stopRepeating?.();
      kind.stopRepeating = clock.every(everyMs, () => {
        // One that still waits is enough.
        if (!closed) put({ kind: name, id: '\n', data: null });
      });
    },
    work(name, handler, atOnce = 1) {
      const kind = kindOf(name);
      const worker: Worker = { handler, atOnce };
      kind.worker = worker;
      start(kind);
      return () => {
        if (kind.worker === worker) delete kind.worker;
      };
    },
    failed: async (kind, limit) => structuredClone(kinds.get(kind)?.failed.slice(0, limit) ?? []),
    async close() {
      closed = true;
      for (const kind of kinds.values()) {
        kind.stopRepeating?.();
        for (const { cancel } of kind.waiting.values()) cancel();
      }
      let cancel: Unsubscribe = () => undefined;
      const late = new Promise<void>((resolve) => (cancel = clock.after(closeMs, resolve)));
      await Promise.race([Promise.all(running), late]);
      cancel();
    },
  };
}
