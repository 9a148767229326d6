// Owns join tokens: issue, wire form, what makes one good, single use (spec rest-api §6, portal-protocol §4). It does not
// know who may have one: edge/management checks user and role.
import * as v from 'valibot';
import { SluiceError } from '../../schemas/error.ts';
import { tokenPayloadSchema, type TokenClaims } from '../../schemas/management.ts';
import type { Origin } from '../../schemas/room.ts';
import type { Directory, RoomEntry } from '../store/directory.ts';
import type { Homes } from '../store/homes.ts';
import type { Once } from '../store/once.ts';
import { clockToleranceMs, tokenTtlMs } from './key-kind.ts';
import type { PortalAddress } from './portal-address.ts';
import { idBytes, keyIdOf, openClaims, sealClaims } from './sealed-claims.ts';
import { createServerKeys, type ServerKeysDeps } from './server-keys.ts';
import { sign, verify } from './signature.ts';
import { fromBase64, toBase64 } from './text-codec.ts';

/** No token of ours is longer; what is longer is refused unread. */
const maxTokenChars = 8192;

export interface TokenRequest {
  readonly user: string;
  readonly role: string;
  readonly room: string;
  readonly service: string;
  readonly origin: Origin;
  /** Where this client should connect; without it the configured address. */
  readonly address?: PortalAddress;
}

/** `entry` is what the directory said of the room, where it was asked. */
export type Redeemed = TokenClaims & { readonly entry?: RoomEntry };

export interface Tokens {
  /** The token text. Throws SluiceError `bad-request` when user, role and origin are too long for one. */
  issue(request: TokenRequest): Promise<string>;
  /**
   * What a token says, without using it up and without asking the store more than every few seconds. Throws SluiceError
   * `unauthenticated` with `Invalid token signature`, `Expired`, `Invalid token` (oversized, without claims, of the future),
   * or the JSON parser's text for garbage; `forbidden` with `Token is for another region`.
   */
  verify(token: string): Promise<TokenClaims>;
  /**
   * What a token says, once: it is used up whatever becomes of the join. Throws as `verify`, `Invalid token` for a used one,
   * `operation-failed` with `Joining room failed` when its room or service is gone, `unavailable` when the room's home is.
   */
  redeem(token: string): Promise<Redeemed>;
}

export interface TokensDeps extends ServerKeysDeps {
  readonly directory: Directory;
  readonly once: Once;
  /** Where rooms live and their tokens are remembered; absent: all of them by `once`. */
  readonly homes?: Pick<Homes, 'of' | 'all'>;
  /** A room that is live here: so it is there, and where it lives is known. */
  readonly live?: (room: string) => { readonly home?: string | undefined } | undefined;
  /** Where clients find a portal of this cluster. */
  readonly address: () => PortalAddress;
  /** Whether clients of that origin are served here; by default any portal accepts any token (spec rest-api §6.3). */
  readonly serves?: (origin: Origin) => boolean;
}

export function createTokens(deps: TokensDeps): Tokens {
  const { directory, homes, live, clock, random, address, serves = () => true } = deps;
  const keys = createServerKeys(deps, 'token');

  async function verified(token: string): Promise<{ readonly unique: string; readonly claims: TokenClaims }> {
    if (token.length > maxTokenChars) throw refused('Invalid token');
    const payload = v.safeParse(tokenPayloadSchema, parsed(token));
    if (!payload.success) throw refused('Invalid token signature');
    const { tokenId, host, webTransportUrl, signature } = payload.output;
    const text = signedText(tokenId, host, webTransportUrl);
    const keyId = keyIdOf(tokenId);
    const named = keyId === undefined ? undefined : await keys.find(keyId);
    // One without claims may be signed by any key we have: it is not forged then, but unknown.
    const candidates = keyId === undefined ? await keys.valid() : named === undefined ? [] : [named];
    const checks = await Promise.all(candidates.map((key) => verify(key.secret, text, signature)));
    if (!checks.includes(true)) throw refused('Invalid token signature');
    const claims = named && (await openClaims(named, tokenId));
    const now = clock.now();
    if (claims === undefined || claims.issuedAt > now + clockToleranceMs) throw refused('Invalid token');
    if (now - claims.issuedAt > tokenTtlMs) throw refused('Expired');
    if (!serves(claims.origin)) throw new SluiceError('forbidden', 'Token is for another region');
    return { unique: tokenId.slice(0, idBytes * 2), claims };
  }

  return {
    async issue({ user, role, room, service, origin, address: wanted }) {
      const { host, secure } = wanted ?? address();
      const key = await keys.signing();
      const claims = { user, role, room, service, origin, issuedAt: clock.now() };
      const tokenId = await sealClaims(key, random.bytes(idBytes), claims);
      const signature = await sign(key.secret, signedText(tokenId, host, undefined));
      const token = toBase64(JSON.stringify({ tokenId, host, secure, signature }));
      if (token.length > maxTokenChars)
        throw new SluiceError('bad-request', 'User, role and preference are too long for a token');
      return token;
    },

    verify: async (token) => (await verified(token)).claims,

    async redeem(token) {
      const { unique, claims } = await verified(token);
      const keepMs = tokenTtlMs + 2 * clockToleranceMs;
      const use = ({ once }: { readonly once: Once }) => once.first(`token.${claims.room}`, unique, keepMs);
      const present = live?.(claims.room);
      // Where rooms have but one home the token can be used before it is known that there is the room: a round trip less.
      const early = present === undefined && (homes?.all.length ?? 1) === 1;
      const [entry, used] = await Promise.all([
        present === undefined ? directory.room(claims.room) : undefined,
        early ? use(deps) : undefined,
      ]);
      if (present === undefined && entry?.service !== claims.service) {
        throw new SluiceError('operation-failed', 'Joining room failed');
      }
      const home = homes?.of((present ?? entry)?.home) ?? deps;
      if (!(used ?? (await use(home)))) throw refused('Invalid token');
      return entry === undefined ? claims : { ...claims, entry };
    },
  };
}

/** Without a WebTransport address the word `undefined` is signed; `secure` is not (spec rest-api §6.2). */
function signedText(tokenId: string, host: string, webTransportUrl: string | undefined): string {
  return `${tokenId},${host},${String(webTransportUrl)}`;
}

function parsed(token: string): unknown {
  try {
    return JSON.parse(fromBase64(token));
  } catch (error) {
    throw refused(error instanceof SyntaxError ? error.message : 'Invalid token');
  }
}

function refused(message: string): SluiceError {
  return new SluiceError('unauthenticated', message);
}
