// Owns requests to the management interface of a running server: MAuth, JSON in and out. It knows no resource.
import { randomBytes } from 'node:crypto';
import { sign } from '../../edge/tokens/signature.ts';

export interface Credentials {
  readonly service: string;
  readonly key: string;
}

export interface ManagementReply {
  readonly status: number;
  /** The parsed body; its text when it is no JSON. */
  readonly body: unknown;
}

/** The server cannot be asked at all; `message` is for a person. */
export class UnreachableError extends Error {}

/** Longer than a token waits for an edge of its place (`pickPortals`): then its refusal is told. */
const timeoutMs = 90_000;

export class ManagementClient {
  readonly #url: string;
  readonly #credentials: Credentials;

  /** `url` is the server's, without a path. */
  constructor(url: string, credentials: Credentials) {
    this.#url = url.replace(/\/+$/, '');
    this.#credentials = credentials;
  }

  /** Whatever the server answers. Rejects with UnreachableError when nothing does, or when these credentials are refused. */
  async ask(method: string, path: string, body?: unknown): Promise<ManagementReply> {
    const reply = await this.askAs(this.#credentials, method, path, body);
    if (reply.status === 401) throw new UnreachableError(`${this.#url} refuses the service id or its key`);
    return reply;
  }

  /** The same in the name of another service, which may be refused. */
  async askAs(
    { service, key }: Credentials,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<ManagementReply> {
    const timestamp = Date.now();
    const nonce = randomBytes(8).toString('hex');
    const authorization = [
      'MAuth realm=sluice,mauth_signature_method=HMAC_SHA256',
      `mauth_serviceid=${service},mauth_cnonce=${nonce},mauth_timestamp=${timestamp}`,
      `mauth_signature=${await sign(key, `${timestamp},${nonce}`)}`,
    ].join(',');
    try {
      const response = await fetch(`${this.#url}${path}`, {
        method,
        headers: { authorization, 'content-type': 'application/json' },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, body: parsed(await response.text()) };
    } catch (cause) {
      const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
      const why = inner instanceof Error ? inner.message : String(inner);
      const untrusted = why.includes('certificate') ? '; NODE_EXTRA_CA_CERTS=FILE names one to trust' : '';
      throw new UnreachableError(`${this.#url} does not answer: ${why}${untrusted}`, { cause });
    }
  }
}

/** What a refusal says. */
export function refusalText({ status, body }: ManagementReply): string {
  const error = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined;
  const message = typeof error === 'object' && error !== null && 'message' in error ? error.message : body;
  return `${String(message)} (${status})`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
