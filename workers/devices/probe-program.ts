// Owns the process that tries one engine: what is in SLUICE_PROBE, told to the parent over IPC.
import * as v from 'valibot';
import { engineSubjectSchema } from './engine-subject.ts';
import { tryEngine } from './try-engine.ts';

process.once('disconnect', () => process.exit(1));
const subject = v.parse(engineSubjectSchema, JSON.parse(process.env.SLUICE_PROBE ?? 'null'));
const report = await tryEngine(subject, {
  now: () => performance.now(),
  cpuMs: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
});
// A driver's threads may live on.
if (process.send) process.send(report, undefined, undefined, () => process.exit(0));
else process.exit(1);
