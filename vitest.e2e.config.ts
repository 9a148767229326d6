// Owns how tests against a running server go. Those that measure go one file after the other, since each has the machine's
// cores to itself; those that wait for what is told, however long it takes, go two files at a time before them.
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { lua } from './vitest.config.ts';

/** None of them fails for being slow, short of its timeout. */
const patient = [
  'test/chaos/seeded.chaos.ts',
  'test/e2e/{api-page,app,cluster,deno-edge,homes,import,jobs,management,mixed-page,mixing-protocol}.e2e.ts',
  'test/e2e/{operator,owt-hand-over,owt-rest,owt-sdk,owt-session,regions,rolling-restart,rolling-workers}.e2e.ts',
];

/** Chaos takes longest: begun last, it would go on alone. */
class ChaosFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isChaos = ({ moduleId }: TestSpecification) => Number(moduleId.endsWith('.chaos.ts'));
    return sorted.sort((a, b) => isChaos(b) - isChaos(a));
  }
}

export default defineConfig({
  plugins: [lua],
  test: {
    testTimeout: 180_000,
    hookTimeout: 120_000,
    teardownTimeout: 20_000,
    // One engine whatever the machine has: what is measured to be faster may change from run to run. Tests of engines name theirs.
    env: { SLUICE_MEDIA_ENGINES: process.env.SLUICE_MEDIA_ENGINES ?? 'wasm' },
    sequence: { sequencer: ChaosFirst },
    projects: [
      {
        extends: true,
        test: { name: 'patient', include: patient, maxWorkers: 2, sequence: { groupOrder: 1 } },
      },
      {
        extends: true,
        test: {
          name: 'measuring',
          include: ['test/e2e/**/*.e2e.ts', 'test/chaos/**/*.chaos.ts'],
          exclude: patient,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
