// Owns the proof that whoever stops npm stops the server that it started.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as v from 'valibot';

const packageSchema = v.object({ scripts: v.record(v.string(), v.string()) });
const text = readFileSync(join(import.meta.dirname, '../package.json'), 'utf8');
const { scripts } = v.parse(packageSchema, JSON.parse(text));

it.each(['start', 'edge', 'edge:deno', 'worker', 'relay', 'demo:regions'])(
  'npm run %s has no shell between npm and the server: it would end at a signal and not pass it on',
  (name) => {
    expect(scripts[name]).toMatch(/^exec node deploy\/start\.mjs\b/);
  },
);
