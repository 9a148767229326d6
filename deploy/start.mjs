// Owns `npm start`, `npm run edge`, `npm run edge:deno`, `npm run worker`, `npm run relay` and `npm run gpu:check`: set-up,
// then that program in this process. Arguments go to it: `npm start -- --config FILE`.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { setup } from './setup.mjs';

const programs = [
  'standalone',
  'edge-node',
  'edge-deno',
  'worker-node',
  'relay-node',
  'demo-regions',
  'gpu-check',
];
const [, , named] = process.argv;
const program = programs.includes(named) ? process.argv.splice(2, 1)[0] : 'standalone';

// What a check prints is read by programs too.
const { log } = console;
if (program === 'gpu-check') console.log = console.error;
// Edges and relays make no pictures.
if (await setup({ codecs: !['edge-node', 'edge-deno', 'relay-node'].includes(program) })) {
  console.log = log;
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(join(import.meta.dirname, `../build/server/${program}.js`)).href);
} else {
  process.exitCode = 1;
}
