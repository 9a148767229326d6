// Owns `npm run rest`: one signed request to the management interface of a running server, for operators and scripts. It
// knows no resource. Exit codes: 0 when the server answered with 2xx, 1 when with anything else, 2 when it was not asked.
import { parseArgs } from 'node:util';
import { ManagementClient, UnreachableError } from './management-client.ts';

const usage = `npm run -s rest -- [--url URL] [--service ID] [--key KEY] METHOD PATH [JSON]

Asks the management interface, described at URL/api/, and prints its answer.

  --url URL      the running server; or SLUICE_URL, else http://localhost:3000
  --service ID   in whose name; or SLUICE_SERVICE
  --key KEY      its key; or SLUICE_SERVICE_KEY, which no list of processes shows`;

interface RestRequest {
  readonly url: string;
  readonly service: string;
  readonly key: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

/** Undefined when something is missing or cannot be read. */
export function readRest(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): RestRequest | undefined {
  const text = { type: 'string' } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { url: text, service: text, key: text },
    });
    const { url = env.SLUICE_URL ?? 'http://localhost:3000', service = env.SLUICE_SERVICE } = values;
    const { key = env.SLUICE_SERVICE_KEY } = values;
    const [method, path, json, ...more] = positionals;
    // A variable that is empty is one that was not given.
    if (!service || !key || !method) return undefined;
    if (path?.startsWith('/') !== true || more.length > 0) return undefined;
    const body: unknown = json === undefined ? undefined : JSON.parse(json);
    return { url, service, key, method: method.toUpperCase(), path, body };
  } catch {
    return undefined;
  }
}

/** Resolves with the exit code. */
export async function rest(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  print: { out(text: string): void; error(text: string): void },
): Promise<number> {
  const request = readRest(args, env);
  if (request === undefined) {
    print.error(usage);
    return 2;
  }
  const { url, method, path, body, ...credentials } = request;
  try {
    const reply = await new ManagementClient(url, credentials).ask(method, path, body);
    print.out(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body, undefined, 2));
    return reply.status >= 200 && reply.status < 300 ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    print.error(error.message);
    return 2;
  }
}
