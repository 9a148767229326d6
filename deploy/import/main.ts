// Owns `npm run import`: its arguments and exit codes. 0: everything is on the server; 1: something was refused, the rest
// is there; 2: it could not be done at all or not to its end, and may be run again.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { givenId, importFiles, type ImportRequest } from './import-files.ts';
import { UnreachableError } from '../rest/management-client.ts';
import { owtKey } from './owt-cipher.ts';
import { ImportError } from './room-batches.ts';

const usage = `npm run import -- --url URL --service ID --key KEY ROOMS.json [SERVICES.json] [options]

Brings rooms, and services when their file is given, from an OWT server to this one, under the ids they had.
The files are what mongoexport writes of the collections "rooms" and "services", or what GET /v1/rooms answered.

  --url URL         the running server, such as http://localhost:3000
  --service ID      whose rooms they are; the super service, to bring services
  --key KEY         its key; or the environment variable SLUICE_SERVICE_KEY
  --dry-run         changes nothing and tells what would be done
  --update          replaces rooms that are there already and differ
  --into ID         the service for rooms that no service of SERVICES.json lists
  --keys FILE       keys of services in clear, as JSON {"ID": "KEY"}, where the export's cannot be read
  --cipher-key HEX  what the OWT server encrypted with, if it was built with a key of its own
  --refused FILE    where refused rooms are written, one a line, to be mended and imported again`;

function readArguments(): ImportRequest {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      url: { type: 'string' },
      service: { type: 'string' },
      key: { type: 'string' },
      'dry-run': { type: 'boolean', default: false },
      update: { type: 'boolean', default: false },
      into: { type: 'string' },
      keys: { type: 'string' },
      'cipher-key': { type: 'string', default: owtKey },
      refused: { type: 'string' },
    },
  });
  const { url, service, key = process.env.SLUICE_SERVICE_KEY, 'cipher-key': cipherKey } = values;
  const [rooms, services, ...more] = positionals.map(here);
  if (url === undefined || service === undefined || rooms === undefined || more.length > 0)
    throw new ImportError(usage);
  if (key === undefined || key === '') throw new ImportError('--key is missing');
  if (!/^https?:\/\/[^/]+\/?$/.test(url))
    throw new ImportError('--url is not http://host:port or https://host:port');
  if (!/^[0-9a-f]{64}$/i.test(cipherKey)) throw new ImportError('--cipher-key is not 64 hex digits');
  return {
    url,
    credentials: { service: givenId('--service', service), key },
    roomsFile: rooms,
    servicesFile: services,
    into: values.into === undefined ? undefined : givenId('--into', values.into),
    keys: { given: values.keys === undefined ? new Map() : readKeys(here(values.keys)), cipherKey },
    update: values.update,
    dryRun: values['dry-run'],
    refusedFile: values.refused === undefined ? undefined : here(values.refused),
  };
}

/** npm starts this in the repository's root; paths are meant from where it was called. */
function here(path: string): string {
  return resolve(process.env.INIT_CWD ?? '.', path);
}

function readKeys(file: string): ReadonlyMap<string, string> {
  try {
    const keys = v.parse(v.record(v.string(), v.string()), JSON.parse(readFileSync(file, 'utf8')));
    return new Map(Object.entries(keys).map(([id, key]) => [id.toLowerCase(), key]));
  } catch (cause) {
    throw new ImportError(`${file} is not JSON of the form {"ID": "KEY"}`, { cause });
  }
}

try {
  const complete = await importFiles(readArguments(), console.log);
  process.exitCode = complete ? 0 : 1;
} catch (error) {
  const expected = error instanceof ImportError || error instanceof UnreachableError;
  // parseArgs and files that are not there.
  const known = expected || (error instanceof Error && 'code' in error);
  console.error(known && error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
