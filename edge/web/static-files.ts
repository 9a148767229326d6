// Owns how static files are answered: index pages, ETag, caching and the content security policy.
import { Hono } from 'hono';
import type { Asset, Assets } from './assets.ts';

/** Routes for GET and HEAD; a path without a file is left to what follows. */
export function staticFiles(assets: Assets): Hono {
  const app = new Hono();
  app.get('*', async (c, next) => {
    const { pathname, host } = new URL(c.req.url);
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    const asset = assets.get(path);
    if (asset === undefined) return next();
    const headers = headersOf(asset, path, host);
    if (matches(c.req.header('if-none-match'), asset.etag)) return c.body(null, 304, headers);
    return c.body(new Uint8Array(asset.body), 200, headers);
  });
  return app;
}

function headersOf({ type, etag }: Asset, path: string, host: string): Record<string, string> {
  // A name with its content's hash in it never means anything else.
  const immutable = /[-.][0-9A-Z]{8}\.\w+$/.test(path);
  return {
    'content-type': type,
    etag,
    'cache-control': immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
    'content-security-policy': contentSecurityPolicy(host),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  };
}

/** Own scripts and styles, own WebSocket (which not every browser counts as 'self'), media from blobs; nothing else. */
function contentSecurityPolicy(host: string): string {
  const sockets = /^[0-9A-Za-z.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : '';
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
