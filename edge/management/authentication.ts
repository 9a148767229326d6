// Owns who a request is from: MAuth credentials to a service, the delay of refusals, replay protection (spec rest-api §3).
import type { MiddlewareHandler } from 'hono';
import { SluiceError } from '../../schemas/error.ts';
import type { Service } from '../../schemas/management.ts';
import type { Clock, Random } from '../clock.ts';
import type { Directory } from '../store/directory.ts';
import type { Once } from '../store/once.ts';
import { parseMAuth, verifyMAuth, type MAuthClaims } from '../tokens/mauth.ts';
import type { SecretBox } from '../tokens/secret-box.ts';
import { challenge } from './replies.ts';
import type { Caller, ResourceEnv } from './resource-env.ts';

const maxDelayMs = 1000;
const nonceMemoryMs = 600_000;

export interface AuthenticationDeps {
  readonly directory: Directory;
  readonly once: Once;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly random: Random;
  /** Refuses replayed and older requests of a service; off by default, for clients' clocks may disagree. */
  readonly timestampCheck: boolean;
}

/** Sets the caller, or refuses with SluiceError `unauthenticated` after a random delay of 0 to 1000 ms. */
export function authenticate(deps: AuthenticationDeps): MiddlewareHandler<ResourceEnv> {
  const { directory, once, box, clock, random, timestampCheck } = deps;
  /** Last accepted timestamp by service; grows with the services only. */
  const latest = new Map<string, number>();

  async function fresh(claims: MAuthClaims): Promise<boolean> {
    const timestamp = Number(claims.timestamp);
    if (!Number.isFinite(timestamp) || timestamp < (latest.get(claims.service) ?? 0)) return false;
    // Taken before the first await: of two requests under way the later one must not be undone by the earlier.
    latest.set(claims.service, timestamp);
    return once.first(`mauth.${claims.service}`, `${claims.timestamp},${claims.nonce}`, nonceMemoryMs);
  }

  async function caller(header: string | undefined): Promise<Caller | undefined> {
    const claims = parseMAuth(header);
    if (claims === undefined || !/^[0-9a-f]{24}$/i.test(claims.service)) return undefined;
    const service = await directory.service(claims.service.toLowerCase());
    const key = service && (await clearKey(service, box));
    if (service === undefined || key === undefined || !(await verifyMAuth(claims, key))) return undefined;
    if (timestampCheck && !(await fresh({ ...claims, service: service._id }))) return undefined;
    const { username: user, role } = claims;
    return { service, ...(user === undefined ? {} : { user }), ...(role === undefined ? {} : { role }) };
  }

  return async (c, next) => {
    const found = await caller(c.req.header('authorization'));
    if (found === undefined) {
      await delay(clock, random);
      throw new SluiceError('unauthenticated', `WWW-Authenticate: ${challenge}`);
    }
    c.set('caller', found);
    await next();
  };
}

/** A service's key in clear; undefined when it cannot be unsealed. */
export async function clearKey(service: Service, box: SecretBox): Promise<string | undefined> {
  return service.encrypted ? box.open(service.key) : service.key;
}

function delay(clock: Clock, random: Random): Promise<void> {
  const [high = 0, low = 0] = random.bytes(2);
  const ms = Math.round(((high * 256 + low) / 65_535) * maxDelayMs);
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
