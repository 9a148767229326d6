// Owns `npm run gpu:check`: tries every GPU and every engine anew, and says what works, how fast, and what is missing. It ends
// with 0 when a GPU works, with 1 when none does or the configuration is wrong.
import { join } from 'node:path';
import { createLog } from '../../edge/platform/node/log.ts';
import { chooseEngines } from '../../workers/devices/choose-engines.ts';
import { runProgram } from '../process/run-program.ts';
import { readOptions } from '../settings/read-options.ts';
import { loadSettings } from '../settings/settings.ts';
import { workerEngines } from '../worker-host/worker-engines.ts';
import { advice } from './advice.ts';
import { findingsOf, hasWorkingGpu } from './findings.ts';
import { showFindings } from './show-findings.ts';

const usage = `npm run gpu:check -- [OPTION …]

Tries every GPU and every engine of this machine, and says what works, how fast, and what is missing.

  --json         the same for programs: npm run -s gpu:check -- --json
  --config FILE  whose order of engines is shown; sluice.toml`;

async function main(): Promise<void> {
  const { json, config, help } = readOptions({
    json: { type: 'boolean' },
    config: { type: 'string' },
    help: { type: 'boolean' },
  });
  if (help === true) {
    console.log(usage);
    return;
  }
  const { media } = loadSettings(config);
  // To standard error: what comes is to be read, perhaps by a program.
  console.error('Trying every GPU and engine, each in a process of its own. This may take a minute …');
  const { reports } = await workerEngines({
    wish: { ...media, engines: ['auto', ...media.engines.filter((id) => id !== 'auto')], device: 'auto' },
    program: join(import.meta.dirname, 'probe-program.js'),
    log: createLog({ name: 'gpu-check', level: 'silent' }),
    afresh: true,
  });
  const findings = findingsOf(reports, chooseEngines(reports, media, 0));
  console.log(
    json === true
      ? JSON.stringify({ ...findings, advice: advice(findings) }, undefined, 2)
      : showFindings(findings),
  );
  process.exitCode = hasWorkingGpu(findings) ? 0 : 1;
}

await runProgram(main);
