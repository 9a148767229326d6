// Owns what the page asks of the sample app's own HTTP interface (spec cluster §12.1).
import type { LayoutEntry } from '../../../../schemas/stream.ts';

/** A token of one use. Throws Error with the server's text. */
export async function requestToken(room: string, user: string): Promise<string> {
  const response = await post('/tokens', { ...(room === '' ? {} : { room }), user, role: 'presenter' });
  return response.text();
}

/** Brings an RTSP or RTMP stream into a room. Throws Error with the server's text. */
export async function bringIn(room: string, url: string): Promise<void> {
  await post(`/rooms/${encodeURIComponent(room)}/streaming-ins`, {
    url,
    transport: { protocol: 'udp', bufferSize: 2048 },
    media: { audio: 'auto', video: true },
  });
}

/** One change of a stream (spec rest-api §8.2). */
export type StreamOperation =
  | { readonly op: 'add'; readonly path: '/info/inViews'; readonly value: string }
  | { readonly op: 'replace'; readonly path: '/info/layout'; readonly value: readonly LayoutEntry[] }
  | { readonly op: 'replace'; readonly path: `/info/layout/${number}/stream`; readonly value: string };

/** Changes any stream of a room, whoever owns it. Throws Error with the server's text. */
export async function patchStream(room: string, stream: string, operation: StreamOperation): Promise<void> {
  await send('PATCH', `/rooms/${encodeURIComponent(room)}/streams/${encodeURIComponent(stream)}`, [
    operation,
  ]);
}

async function post(path: string, body: unknown): Promise<Response> {
  return send('POST', path, body);
}

async function send(method: 'POST' | 'PATCH', path: string, body: unknown): Promise<Response> {
  const response = await fetch(path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(messageIn(await response.text()) ?? `${response.status}`);
  return response;
}

/** The server's error body is `{ error: { code, message } }`. */
function messageIn(body: string): string | undefined {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value !== 'object' || value === null || !('error' in value)) return undefined;
    const { error } = value;
    return typeof error === 'object' &&
      error !== null &&
      'message' in error &&
      typeof error.message === 'string'
      ? error.message
      : undefined;
  } catch {
    return undefined;
  }
}
