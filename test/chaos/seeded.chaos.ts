// Owns the short form of the chaos run (`npm run chaos`): each process that can be killed is, once, and two edges conduct at
// the same time; nothing acknowledged is lost or doubled, nobody is seen who is not there, and rooms have one owner.
import { expect, it } from 'vitest';
import { recoveryTable } from './report.ts';
import { runChaos } from './run.ts';

it(
  'cluster#19 a cluster under load loses and doubles nothing when its parts are killed',
  { timeout: 600_000 },
  async () => {
    const lines: string[] = [];
    const { costs, violations, texts, documents } = await runChaos({
      seed: 7,
      kinds: ['edge', 'worker', 'mixer', 'redis', 'pubsub', 'conductors'],
      rounds: 1,
      edges: 2,
      rooms: 2,
      slack: 3,
      say: (line) => lines.push(line),
    });
    console.log([...lines, recoveryTable(costs)].join('\n'));
    expect(violations).toEqual([]);
    // It was under load, and what owners do was seen.
    expect(texts).toBeGreaterThan(50);
    expect(documents.taken).toBeGreaterThan(0);
  },
);
