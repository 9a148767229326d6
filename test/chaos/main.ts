// Owns `npm run chaos`: faults by chance on a cluster under load, judged by its history. It prints what each cost and what
// was violated.
import { writeFileSync } from 'node:fs';
import { readOptions } from '../support/read-options.ts';
import { recoveryTable, report } from './report.ts';
import { runChaos } from './run.ts';
import { faultKinds, type FaultKind } from './schedule.ts';

const usage = `npm run chaos -- [OPTION …]

Starts a cluster under load, breaks it by chance, and judges the whole history. Exits with 1 when a rule was violated.

  --seed S            repeats that run; by default another one each time
  --rounds N          how often each kind of fault comes; 3
  --kinds A,B         which faults, of ${faultKinds.join(', ')}; all
  --edges N           edges; 3
  --rooms N           rooms; 3
  --slack N           times as patient, for a busy machine; 1
  --report FILE       writes what came of it as JSON
  --logs FOLDER       keeps what the processes logged when a fault violated a rule, and the violations`;

const values = readOptions(usage, {
  seed: { type: 'string' },
  rounds: { type: 'string', default: '3' },
  kinds: { type: 'string', default: faultKinds.join(',') },
  edges: { type: 'string', default: '3' },
  rooms: { type: 'string', default: '3' },
  logs: { type: 'string' },
  report: { type: 'string' },
  slack: { type: 'string', default: '1' },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32)) >>> 0;
const slack = Number(values.slack);
const kinds = values.kinds.split(',').map((name): FaultKind => {
  const kind = faultKinds.find((each) => each === name);
  if (kind !== undefined) return kind;
  console.error(`there is no fault ${name}; there are: ${faultKinds.join(', ')}`);
  process.exit(2);
});

// What is published here are no pictures. An engine that makes none of them shows an empty view, once a second: too seldom
// to tell whether it is there.
process.env.SLUICE_MEDIA_ENGINES ??= 'wasm';
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
console.log(
  `seed ${seed}; again with: npm run chaos -- --seed ${seed} --rounds ${values.rounds} --slack ${slack} --kinds ${values.kinds}`,
);
const result = await runChaos({
  seed,
  kinds,
  rounds: Number(values.rounds),
  edges: Number(values.edges),
  rooms: Number(values.rooms),
  slack,
  ...(values.logs === undefined ? {} : { logs: values.logs }),
  say: (line) => console.log(line),
});
const { costs, violations, ended, holes, refusals, texts, entries, documents } = result;
console.log(`\n${recoveryTable(costs)}\n`);
for (const each of ended) console.log(`ended by ${each}`);
for (const hole of holes) console.log(`hole ${hole}`);
for (const [what, count] of refusals) console.log(`refused ${count} times: ${what}`);
for (const { fault, rule, what } of violations.slice(0, 50)) console.log(`${fault}: ${rule}: ${what}`);
console.log(
  `${costs.length} rounds: ${texts} texts, ${entries} log entries and ${documents.taken + documents.refused} documents judged, ` +
    `${violations.length} violations`,
);
const all = report(seed, slack, result);
if (values.report !== undefined) writeFileSync(values.report, `${JSON.stringify(all, undefined, 2)}\n`);
console.log(JSON.stringify({ chaos: { ...all, violations: violations.length, ended: ended.length } }));
// Where nothing was said, or no owner was seen to act, nothing was proved.
const isProof = texts > 0 && documents.taken > 0;
if (!isProof) console.error('nothing was judged');
process.exit(isProof && violations.length === 0 ? 0 : 1);
