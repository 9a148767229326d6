// Owns how static files are answered: index pages, ETag, caching and the content security policy.
import { Hono } from 'hono';
import type { Asset, Assets } from './assets.ts';

/**
 * Routes for GET and HEAD; a path without a file is left to what follows. Pages may connect to this edge alone, or to
 * others, too: those come and go while a page is open.
 */
export function staticFiles(assets: Assets, otherEdges = false): Hono {
  const app = new Hono();
  app.get('*', async (c, next) => {
    const { pathname, host } = new URL(c.req.url);
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    const asset = assets.get(path);
    if (asset === undefined) return next();
    const headers = headersOf(asset, path, otherEdges ? ' ws: wss:' : socketsOf(host));
    if (matches(c.req.header('if-none-match'), asset.etag)) return c.body(null, 304, headers);
    return c.body(new Uint8Array(asset.body), 200, headers);
  });
  return app;
}

function headersOf({ type, etag }: Asset, path: string, sockets: string): Record<string, string> {
  // A name with its content's hash in it never means anything else.
  const immutable = /[-.][0-9A-Z]{8}\.\w+$/.test(path);
  return {
    'content-type': type,
    etag,
    'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    'content-security-policy': contentSecurityPolicy(sockets),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
}

/** Not every browser counts a page's own WebSocket as 'self'. */
function socketsOf(host: string): string {
  return /^[0-9A-Za-z.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : '';
}

/** Own scripts and styles, these WebSockets, media from blobs; nothing else. */
function contentSecurityPolicy(sockets: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "media-src 'self' blob: mediastream:",
    `connect-src 'self'${sockets}`,
    "worker-src 'self' blob:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** Weak comparison (RFC 9110 §13.1.2). */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const bare = (tag: string) => tag.trim().replace(/^W\//, '');
  return header.split(',').some((tag) => tag.trim() === '*' || bare(tag) === bare(etag));
}
