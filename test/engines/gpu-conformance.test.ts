import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as v from 'valibot';
import { expect, it, onTestFinished } from 'vitest';
import { describeGpu } from '../../native/scripted-gpu.ts';
import { testGpu } from '../gpu/test-gpu.ts';

const outcomeSchema = v.object({
  testResults: v.array(
    v.object({
      assertionResults: v.array(
        v.object({ fullName: v.string(), status: v.string(), failureMessages: v.array(v.string()) }),
      ),
    }),
  ),
});

const root = join(import.meta.dirname, '../..');

describeGpu('the engine vaapi on a simulated GPU', () => {
  it('does what every engine must do', { timeout: 240_000 }, () => {
    const gpu = testGpu();
    onTestFinished(() => gpu.close());
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [
        ...[join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--reporter=json'],
        ...['workers/engine/native/native-engine.test.ts', '-t', 'vaapi as an engine'],
      ],
      {
        cwd: root,
        env: { ...process.env, ...gpu.env, SLUICE_TEST_GPU_DEVICE: gpu.device },
        encoding: 'utf8',
      },
    );
    // Warnings of npm and vitest may stand before.
    const told = v.parse(outcomeSchema, JSON.parse(stdout.slice(stdout.indexOf('{'))));
    const tests = told.testResults.flatMap(({ assertionResults }) => assertionResults);
    const failed = tests.filter((test) => test.status === 'failed');
    expect(failed, stderr).toEqual([]);
    expect(tests.filter((test) => test.status === 'passed').length).toBeGreaterThan(15);
    expect(status, stderr).toBe(0);
    expect(gpu.misuses()).toEqual([]);
    expect(gpu.counters()).toMatchObject({ leaked: 0, liveSurfaces: 0, liveBuffers: 0, liveContexts: 0 });
  });
});
