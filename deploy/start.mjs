// Owns `npm start`, `npm run edge`, `npm run edge:deno` and `npm run worker`: set-up, then the server in this process.
// Arguments go to the server: `npm start -- --config FILE`.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { setup } from './setup.mjs';

const programs = ['standalone', 'edge-node', 'edge-deno', 'worker-node'];
const [, , named] = process.argv;
const program = programs.includes(named) ? process.argv.splice(2, 1)[0] : 'standalone';

// An edge without workers beside it makes no pictures.
if (await setup({ codecs: !program.startsWith('edge-') })) {
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(join(import.meta.dirname, `../build/server/${program}.js`)).href);
} else {
  process.exitCode = 1;
}
