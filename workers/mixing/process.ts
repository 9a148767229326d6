// Owns the entry of a mixing thread in a process of its own, for pipelines on a device: a driver that crashes ends this
// process and no other. What it is told at its start is in SLUICE_MIXING; what it does is run-thread.ts.
import * as v from 'valibot';
import { compiledModule } from './compiled-module.ts';
import type { Batch } from './messages.ts';
import { runThread } from './run-thread.ts';

const dataSchema = v.object({
  clockOffsetMs: v.number(),
  nativeFolder: v.exactOptional(v.string()),
  usesAddon: v.boolean(),
  wedgeable: v.boolean(),
});
/** To put away what the device holds. A driver that hangs never does it. */
const farewellMs = 200;

// They are sent to parent and children alike: the parent decides when this ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
const tell = process.send?.bind(process);
if (tell === undefined) throw new Error('this runs below a worker only');

const data = v.parse(dataSchema, JSON.parse(process.env.SLUICE_MIXING ?? 'null'));
const [video, audio] = await Promise.all([compiledModule('video'), compiledModule('audio')]);
const host = runThread(
  {
    // A channel that is gone has told it already.
    post: (message) => tell(message, undefined, undefined, () => undefined),
    hear: (listener) => {
      process.on('message', (batch: Batch) => {
        listener(batch);
      });
    },
  },
  { ...data, modules: { video, audio } },
);

const leave = (): void => {
  host.close();
  // An orderly end would wait for the driver's threads.
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), farewellMs);
};
process.once('disconnect', leave);
if (!process.connected) leave();
