// Owns jobs in Redis, by BullMQ: a queue for each kind. It is lazy about connections: a process that neither adds nor does
// jobs of a kind has none for it.
import { Queue, Worker, type Job } from 'bullmq';
import type { Unsubscribe } from '../../../schemas/bus.ts';
import { refusalOf, SluiceError } from '../../../schemas/error.ts';
import type { Clock, Log } from '../../clock.ts';
import type { JobRun, Jobs } from '../../store/jobs.ts';
import { readRedisUrl } from './address.ts';
import { createJobsClient } from './client.ts';
import { failureOf } from './failure.ts';

const answerMs = 3000;
const closeMs = 5000;
const maxAsking = 1000;
const maxFailed = 1000;

/** Jobs below `prefix`, which has no braces. Throws SluiceError `bad-request` when the URL cannot be read. */
export function createRedisJobs(options: { url: string; prefix: string; clock: Clock; log: Log }): Jobs {
  const { prefix, clock, log } = options;
  const address = readRedisUrl(options.url);
  const queues = new Map<string, Queue>();
  const workers = new Map<string, Worker>();
  const client = createJobsClient(address);
  // In a cluster all of it lies in one slot.
  const common = { connection: client, prefix: `${prefix}{jobs}` };
  let asking = 0;
  let warned = false;
  let closed = false;

  const away = (error: unknown) => {
    const { cause } = failureOf(error);
    if (!warned)
      log.warn('redis is away', { store: 'jobs', error: cause instanceof Error ? cause.message : cause });
    warned = true;
  };
  client.on('error', away);
  client.on('ready', () => {
    warned = false;
  });

  function queueOf(kind: string): Queue {
    const queue = queues.get(kind) ?? new Queue(kind, common);
    if (!queues.has(kind)) queue.on('error', away);
    queues.set(kind, queue);
    return queue;
  }

  /** What `act` resolves with, within some seconds. */
  async function ask<T>(act: () => Promise<T>): Promise<T> {
    if (closed) throw new SluiceError('unavailable', 'No more jobs are taken');
    if (asking >= maxAsking) throw new SluiceError('unavailable', 'The store is too busy');
    asking += 1;
    let cancel: Unsubscribe = () => undefined;
    const late = new Promise<never>((_, reject) => {
      cancel = clock.after(answerMs, () => {
        reject(new SluiceError('unavailable', 'The store cannot be reached'));
      });
    });
    const asked = act().finally(() => {
      asking -= 1;
    });
    try {
      return await Promise.race([asked, late]);
    } catch (error) {
      throw failureOf(error);
    } finally {
      cancel();
    }
  }

  return {
    lasting: true,
    add: ({ kind, id, data, at = 0, tries }) =>
      ask(async () => {
        const queue = queueOf(kind);
        const jobId = id === undefined ? undefined : jobIdOf(id);
        if (jobId !== undefined) await queue.remove(jobId);
        await queue.add(kind, data, {
          delay: Math.max(0, Math.ceil(at - clock.now())),
          attempts: tries?.most ?? 1,
          removeOnComplete: true,
          removeOnFail: maxFailed,
          ...(jobId !== undefined && { jobId }),
          ...(tries && { backoff: { type: 'exponential', delay: tries.firstDelayMs } }),
        });
      }),
    cancel: (kind, id) =>
      ask(async () => {
        const queue = queueOf(kind);
        const job = await queue.getJob(jobIdOf(id));
        if (!job || (await job.isFailed())) return false;
        return (await queue.remove(jobIdOf(id))) === 1;
      }),
    repeat: (kind, everyMs) =>
      ask(async () => {
        const once = { removeOnComplete: true, removeOnFail: maxFailed };
        await queueOf(kind).upsertJobScheduler('repeat', { every: everyMs }, { data: null, opts: once });
      }),
    work(kind, handler, atOnce = 1) {
      const worker = new Worker(kind, (job) => run(job, handler), { ...common, concurrency: atOnce });
      worker.on('error', away);
      void workers.get(kind)?.close();
      workers.set(kind, worker);
      return () => {
        if (workers.get(kind) === worker) workers.delete(kind);
        worker.close().catch(away);
      };
    },
    failed: (kind, limit) =>
      ask(async () => {
        const jobs = await queueOf(kind).getFailed(0, limit - 1);
        return jobs.map(({ data, failedReason }) => ({ data: data as unknown, reason: failedReason }));
      }),
    async close() {
      if (closed) return;
      closed = true;
      let cancel: Unsubscribe = () => undefined;
      const late = new Promise<void>((resolve) => (cancel = clock.after(closeMs, resolve)));
      const ended = Promise.all([...workers.values()].map((worker) => worker.close())).catch(away);
      await Promise.race([ended, late]);
      cancel();
      for (const part of [...workers.values(), ...queues.values()]) part.disconnect().catch(away);
      client.disconnect();
    },
  };
}

/** BullMQ allows no colon and no whole numbers. */
function jobIdOf(id: string): string {
  return `=${Buffer.from(id).toString('base64url')}`;
}

async function run(
  { data, attemptsMade }: Job<unknown>,
  handler: (job: JobRun) => Promise<void>,
): Promise<void> {
  try {
    await handler({ data, attempt: attemptsMade + 1 });
  } catch (error) {
    // What is kept of it may be shown.
    throw new Error(refusalOf(error).message, { cause: error });
  }
}
