// Owns the MAuth authorization header: its grammar and its signature (spec rest-api §3). Whose key it is, replay rules
// and what a failure looks like belong to edge/management/authentication.ts.
import { fromBase64 } from './text-codec.ts';
import { verify } from './signature.ts';

const maxHeaderChars = 8192;

/** What a header claims. `username` and `role` are absent when empty or missing. */
export interface MAuthClaims {
  readonly service: string;
  /** As sent: decimal milliseconds since 1970. */
  readonly timestamp: string;
  readonly nonce: string;
  readonly signature: string;
  /** Decoded user name, by default the user of a token asked for. */
  readonly username?: string;
  readonly role?: string;
  /** The text that `signature` signs. */
  readonly signed: string;
}

/**
 * Reads a header; undefined when it is not a complete MAuth header with HMAC_SHA256. Lenient where the original was not:
 * white space around parts and double quotes around values are ignored, the scheme's case too.
 */
export function parseMAuth(header: string | undefined): MAuthClaims | undefined {
  if (header === undefined || header.length > maxHeaderChars) return undefined;
  const scheme = /^\s*mauth\s+/i.exec(header);
  if (scheme === null) return undefined;
  const parts = new Map<string, string>();
  for (const piece of header.slice(scheme[0].length).split(',')) {
    const equals = piece.indexOf('=');
    if (equals < 0) continue;
    const name = piece.slice(0, equals).trim();
    // Two values for one name: no way to tell which one was meant.
    if (parts.has(name)) return undefined;
    parts.set(name, unquoted(piece.slice(equals + 1).trim()));
  }
  const part = (name: string) => parts.get(`mauth_${name}`) ?? '';
  const service = part('serviceid');
  const timestamp = part('timestamp');
  const nonce = part('cnonce');
  const signature = part('signature');
  if (part('signature_method') !== 'HMAC_SHA256') return undefined;
  if (service === '' || timestamp === '' || nonce === '' || signature === '') return undefined;
  const username = part('username');
  const role = part('role');
  return {
    service,
    timestamp,
    nonce,
    signature,
    ...(username === '' ? {} : { username: fromBase64(username) }),
    ...(role === '' ? {} : { role }),
    // The user name is signed as sent, and user and role only together.
    signed: [timestamp, nonce, ...(username !== '' && role !== '' ? [username, role] : [])].join(','),
  };
}

/** Whether the claims were signed with the service's key (UTF-8 text, never decoded). */
export async function verifyMAuth(claims: MAuthClaims, key: string): Promise<boolean> {
  return verify(key, claims.signed, claims.signature);
}

function unquoted(value: string): string {
  const quoted = /^"(.*)"$/.exec(value);
  return quoted?.[1] ?? value;
}
