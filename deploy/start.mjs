// Owns `npm start`: set-up, then the standalone server in this process. Arguments go to the server: `npm start -- --config FILE`.
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { setup } from './setup.mjs';

if (await setup({ codecs: true })) {
  process.setSourceMapsEnabled(true);
  await import(pathToFileURL(join(import.meta.dirname, '../build/server/standalone.js')).href);
} else {
  process.exitCode = 1;
}
