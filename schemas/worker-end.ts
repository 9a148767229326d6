// Owns how a worker process is told to end: by its parent, over their IPC channel. Signals reach whole groups of processes,
// and a worker must not be gone while its host still lets it run out.
import * as v from 'valibot';

export const workerEndSchema = v.object({ t: v.literal('end') });
export type WorkerEnd = v.InferOutput<typeof workerEndSchema>;
