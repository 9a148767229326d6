// Owns join tokens: issue, wire form, single use (spec rest-api §6, portal-protocol §4). It does not know who may have
// one: edge/management checks user and role.
import * as v from 'valibot';
import { SluiceError } from '../../schemas/error.ts';
import { tokenPayloadSchema, type TokenRecord } from '../../schemas/management.ts';
import type { Origin } from '../../schemas/room.ts';
import type { Clock, Random } from '../clock.ts';
import type { Directory } from '../store/directory.ts';
import type { PortalAddress } from './portal-address.ts';
import { sign, verify } from './signature.ts';
import { fromBase64, toBase64, toHex } from './text-codec.ts';

export const tokenTtlMs = 180_000;
/** Longer than any token of ours; what is longer is refused unread. */
const maxTokenChars = 8192;
/** Expired records stay this much longer, so that their late users are told "Expired". */
const forgetAfterMs = 20 * tokenTtlMs;

export interface TokenRequest {
  readonly user: string;
  readonly role: string;
  readonly room: string;
  readonly service: string;
  readonly origin: Origin;
  /** Where this client should connect; without it the configured address. */
  readonly address?: PortalAddress;
}

export interface Tokens {
  /** Stores a record and returns the token text. */
  issue(request: TokenRequest): Promise<string>;
  /**
   * The record behind a token, once. Throws SluiceError `unauthenticated` with `Invalid token signature`, `Expired`,
   * `Invalid token` (unknown, used, oversized), or the JSON parser's text for garbage.
   */
  redeem(token: string): Promise<TokenRecord>;
}

export interface TokensDeps {
  readonly directory: Directory;
  readonly clock: Clock;
  readonly random: Random;
  /** Where clients find a portal of this cluster. */
  readonly address: () => PortalAddress;
}

export function createTokens({ directory, clock, random, address }: TokensDeps): Tokens {
  const serverKey = () => directory.secret('token', () => toHex(random.bytes(64)));
  let lastPurge = clock.now();

  /** Records are forgotten by every redemption; tokens nobody redeems must not pile up either. */
  async function purge(now: number): Promise<void> {
    if (now - lastPurge < tokenTtlMs) return;
    lastPurge = now;
    await directory.takeToken('none', now - forgetAfterMs);
  }

  return {
    async issue({ user, role, room, service, origin, address: wanted }) {
      const now = clock.now();
      await purge(now);
      const { host, secure } = wanted ?? address();
      const tokenId = toHex(random.bytes(12));
      await directory.saveToken({
        tokenId,
        user,
        role,
        room,
        service,
        createdAt: now,
        origin,
        host,
        secure,
      });
      const signature = await sign(await serverKey(), signedText(tokenId, host, undefined));
      return toBase64(JSON.stringify({ tokenId, host, secure, signature }));
    },

    async redeem(token) {
      if (token.length > maxTokenChars) throw refused('Invalid token');
      const payload = v.safeParse(tokenPayloadSchema, parsed(token));
      if (!payload.success) throw refused('Invalid token signature');
      const { tokenId, host, webTransportUrl, signature } = payload.output;
      const text = signedText(tokenId, host, webTransportUrl);
      if (!(await verify(await serverKey(), text, signature))) throw refused('Invalid token signature');
      const now = clock.now();
      const record = await directory.takeToken(tokenId, now - forgetAfterMs);
      if (record === undefined) throw refused('Invalid token');
      if (now - record.createdAt > tokenTtlMs) throw refused('Expired');
      return record;
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
