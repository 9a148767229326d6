// Owns what every reply of the HTTP interfaces has in common: headers and the error body (spec rest-api §1, §2).
import type { Context } from 'hono';
import { errorCodes, refusalOf, SluiceError } from '../../schemas/error.ts';
import type { Log } from '../clock.ts';
import { maskedText } from '../../schemas/masked-text.ts';

export const challenge = 'MAuth realm="http://marte3.dit.upm.es"';

export const commonHeaders = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'POST, GET, OPTIONS, DELETE, PATCH, PUT',
  'access-control-allow-headers': 'origin, authorization, content-type',
  'access-control-expose-headers': 'x-request-id',
  'strict-transport-security': 'max-age=1024000; includeSubDomain',
  'x-content-type-options': 'nosniff',
};

/** The same reply with the headers every reply carries. */
export function withCommonHeaders(response: Response): Response {
  for (const [name, value] of Object.entries(commonHeaders)) response.headers.set(name, value);
  return response;
}

/** The reply for anything thrown. What was not thrown on purpose is logged and told as `Internal error`. */
export function errorReply(c: Context, error: unknown, log: Log): Response {
  const { code, message } = refusalOf(error);
  const { httpStatus, restCode } = errorCodes[code];
  const request: unknown = c.get('request');
  const asked = { request, method: c.req.method, path: c.req.path };
  if (!(error instanceof SluiceError)) log.error('Request failed', { ...asked, error });
  // Not the caller's fault: what it was stands in the cause, which only the log tells.
  else if (httpStatus >= 500) log.warn('Request could not be done', { ...asked, error });
  if (code === 'unauthenticated') c.header('www-authenticate', challenge);
  // What a worker tells of a failure may name the URL that it was given.
  return c.json({ error: { code: restCode, message: maskedText(message) } }, httpStatus);
}

export function notFound(): never {
  throw new SluiceError('not-found', 'Resource not found');
}
