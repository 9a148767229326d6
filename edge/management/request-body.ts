// Owns reading of request bodies: size limit, JSON and url-encoded forms (spec rest-api §1). It does not know what a body
// should contain.
import type { MiddlewareHandler } from 'hono';
import { SluiceError } from '../../schemas/error.ts';
import type { ResourceEnv } from './resource-env.ts';

export const maxBodyBytes = 100 * 1024;
const maxFormFields = 1000;

/** Puts the parsed body into the context before anything else looks at the request; `{}` when there is none. */
export const readBody: MiddlewareHandler<ResourceEnv> = async (c, next) => {
  const { method, raw } = c.req;
  const reads = method === 'POST' || method === 'PUT' || method === 'PATCH' || method === 'DELETE';
  c.set('body', reads ? await readJson(raw, maxBodyBytes) : {});
  await next();
};

/** The parsed body. Throws SluiceError `too-large` over so many bytes and `bad-request` for broken JSON. */
export async function readJson(request: Request, maxBytes: number): Promise<unknown> {
  const text = await limitedText(request, maxBytes);
  if (text.trim() === '') return {};
  const type = (request.headers.get('content-type') ?? 'application/json').toLowerCase();
  if (type.startsWith('application/x-www-form-urlencoded')) return formFields(text);
  if (/^application\/(.+\+)?json\b/.test(type)) return parsedJson(text);
  return {};
}

function parsedJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below, like JSON that is neither object nor list.
  }
  throw new SluiceError('bad-request', 'Failed to parse JSON body');
}

function formFields(text: string): unknown {
  return Object.fromEntries([...new URLSearchParams(text)].slice(0, maxFormFields));
}

async function limitedText(request: Request, maxBytes: number): Promise<string> {
  const tooLarge = new SluiceError('too-large', `Request body is larger than ${maxBytes / 1024} kB`);
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge;
  const stream: ReadableStream<Uint8Array> | null = request.body;
  if (stream === null) return '';
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let text = '';
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > maxBytes) {
      await reader.cancel();
      throw tooLarge;
    }
    text += decoder.decode(value, { stream: true });
  }
}
