// Owns one question to a worker over the bus: the request, the check of its reply, and what is said when none comes.
import * as v from 'valibot';
import { channels, type Bus } from '../../schemas/bus.ts';
import { SluiceError } from '../../schemas/error.ts';
import type { WorkerRequest } from '../../schemas/worker.ts';

/**
 * The worker's reply, as `schema` reads it. Rejects with the worker's own SluiceError, with `unavailable` when it does not
 * answer within `timeoutMs`, and with `internal` when it answers something else.
 */
export async function askWorker<S extends v.GenericSchema>(
  bus: Bus,
  worker: string,
  request: WorkerRequest,
  schema: S,
  timeoutMs: number,
): Promise<v.InferOutput<S>> {
  const result = v.safeParse(schema, await reply(bus, worker, request, timeoutMs));
  if (result.success) return result.output;
  throw new SluiceError('internal', 'Internal error', result.issues[0].message);
}

async function reply(bus: Bus, worker: string, request: WorkerRequest, timeoutMs: number): Promise<unknown> {
  try {
    return await bus.request(channels.worker(worker), request, timeoutMs);
  } catch (error) {
    if (error instanceof SluiceError && error.code !== 'unavailable') throw error;
    throw new SluiceError('unavailable', 'The media worker does not answer', error);
  }
}
