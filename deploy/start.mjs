// Owns `npm start`, `npm run edge`, `npm run edge:deno`, `npm run worker` and `npm run relay`: set-up, then the server in
// this process. Arguments go to the server: `npm start -- --config FILE`.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { setup } from './setup.mjs';

const programs = ['standalone', 'edge-node', 'edge-deno', 'worker-node', 'relay-node', 'demo-regions'];
const [, , named] = process.argv;
const program = programs.includes(named) ? process.argv.splice(2, 1)[0] : 'standalone';

// Edges and relays make no pictures.
if (await setup({ codecs: !['edge-node', 'edge-deno', 'relay-node'].includes(program) })) {
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(join(import.meta.dirname, `../build/server/${program}.js`)).href);
} else {
  process.exitCode = 1;
}
