// Owns `npm run chaos`: faults by chance on a cluster under load, judged by its history. It prints what each cost and what
// was violated.
import { percentile, table } from '../bench/lib/report.ts';
import { readOptions } from '../support/read-options.ts';
import { runChaos, type ChaosResult, type Cost } from './run.ts';
import { faultKinds, type FaultKind } from './schedule.ts';

const usage = `npm run chaos -- [OPTION …]

Starts a cluster under load, breaks it by chance, and judges the whole history. Exits with 1 when a rule was violated.

  --seed S            repeats that run; by default another one each time
  --rounds N          how often each kind of fault comes; 3
  --kinds A,B         which faults, of ${faultKinds.join(', ')}; all
  --edges N           edges; 3
  --rooms N           rooms; 3
  --slack N           times as patient, for a busy machine; 1
  --logs FOLDER       keeps what the processes logged when a fault violated a rule`;

const values = readOptions(usage, {
  seed: { type: 'string' },
  rounds: { type: 'string', default: '3' },
  kinds: { type: 'string', default: faultKinds.join(',') },
  edges: { type: 'string', default: '3' },
  rooms: { type: 'string', default: '3' },
  logs: { type: 'string' },
  slack: { type: 'string', default: '1' },
});
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 32)) >>> 0;
const kinds = values.kinds.split(',').map((name): FaultKind => {
  const kind = faultKinds.find((each) => each === name);
  if (kind !== undefined) return kind;
  console.error(`there is no fault ${name}; there are: ${faultKinds.join(', ')}`);
  process.exit(2);
});

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
console.log(
  `seed ${seed}; again with: npm run chaos -- --seed ${seed} --rounds ${values.rounds} --kinds ${values.kinds}`,
);
const result = await runChaos({
  seed,
  kinds,
  rounds: Number(values.rounds),
  edges: Number(values.edges),
  rooms: Number(values.rooms),
  slack: Number(values.slack),
  ...(values.logs === undefined ? {} : { logs: values.logs }),
  say: (line) => console.log(line),
});
report(result);
process.exit(result.violations.length === 0 ? 0 : 1);

function report({
  costs,
  violations,
  texts,
  entries,
  documents,
  ended,
  holes,
  refusals,
  toldAgain,
}: ChaosResult): void {
  const rows = kinds.map((kind) => {
    const of = costs.filter((cost) => cost.kind === kind);
    const flows = (pick: (cost: Cost) => readonly (number | undefined)[]) => spread(of.flatMap(pick));
    return {
      fault: kind,
      times: of.length,
      'resume p50/p95 ms': flows(({ resumeMs }) => resumeMs),
      'heard p50/p95 ms': flows(({ heardMs }) => [heardMs]),
      'forwarded back': flows(({ forwarded }) => forwarded.map((flow) => flow?.backMs)),
      'mixed back': flows(({ mixed }) => [mixed?.backMs]),
      'mixed gap': flows(({ mixed }) => [mixed?.gapMs]),
      'same view': flows(({ quietMs }) => [quietMs]),
    };
  });
  console.log(`\n${table(rows)}\n`);
  for (const each of ended) console.log(`ended by ${each}`);
  for (const hole of holes) console.log(`hole ${hole}`);
  for (const [what, count] of refusals) console.log(`refused ${count} times: ${what}`);
  for (const { fault, rule, what } of violations.slice(0, 50)) console.log(`${fault}: ${rule}: ${what}`);
  console.log(
    JSON.stringify({
      chaos: {
        seed,
        texts,
        entries,
        documents,
        ended: ended.length,
        violations: violations.length,
        toldAgain,
      },
    }),
  );
}

function spread(numbers: readonly (number | undefined)[]): string {
  const sorted = numbers.filter((each) => each !== undefined).toSorted((a, b) => a - b);
  if (sorted.length === 0) return '–';
  return [0.5, 0.95].map((share) => Math.round(percentile(sorted, share))).join('/');
}
