// Owns who a request is from: MAuth credentials to a service, the delay of refusals (spec rest-api §3). Whether a request
// was sent before is found out in replay-protection.ts.
import type { MiddlewareHandler } from 'hono';
import { SluiceError } from '../../schemas/error.ts';
import type { Service } from '../../schemas/management.ts';
import type { Clock, Random } from '../clock.ts';
import type { Directory } from '../store/directory.ts';
import type { Once } from '../store/once.ts';
import { parseMAuth, verifyMAuth } from '../tokens/mauth.ts';
import type { SecretBox } from '../tokens/secret-box.ts';
import { challenge } from './replies.ts';
import { createReplayProtection, defaultReplaySettings, type ReplaySettings } from './replay-protection.ts';
import type { Caller, ResourceEnv } from './resource-env.ts';

const maxDelayMs = 1000;

export interface AuthenticationDeps {
  readonly directory: Directory;
  readonly once: Once;
  readonly box: SecretBox;
  readonly clock: Clock;
  readonly random: Random;
  readonly settings?: Partial<ReplaySettings>;
}

/** Sets the caller, or refuses with SluiceError `unauthenticated` after a random delay of 0 to 1000 ms. */
export function authenticate(deps: AuthenticationDeps): MiddlewareHandler<ResourceEnv> {
  const { directory, once, box, clock, random } = deps;
  const settings = { ...defaultReplaySettings, ...deps.settings };
  const isNew = createReplayProtection({ once, clock, settings });

  async function caller(header: string | undefined): Promise<Caller | undefined> {
    const claims = parseMAuth(header);
    if (claims === undefined || !/^[0-9a-f]{24}$/i.test(claims.service)) return undefined;
    const service = await directory.service(claims.service.toLowerCase());
    if (service === undefined) return undefined;
    const keys = await clearKeys(service, box, clock.now());
    const checks = await Promise.all(keys.map((key) => verifyMAuth(claims, key)));
    if (!checks.includes(true) || !(await isNew({ ...claims, service: service._id }))) return undefined;
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

/** Those that sign for a service now: its key, and the one before it as long as both are good. */
async function clearKeys(service: Service, box: SecretBox, now: number): Promise<readonly string[]> {
  const { oldKey } = service;
  const old = oldKey === undefined || oldKey.until <= now ? [] : [{ ...service, key: oldKey.key }];
  const keys = await Promise.all([service, ...old].map((each) => clearKey(each, box)));
  return keys.filter((key) => key !== undefined);
}

function delay(clock: Clock, random: Random): Promise<void> {
  const [high = 0, low = 0] = random.bytes(2);
  const ms = Math.round(((high * 256 + low) / 65_535) * maxDelayMs);
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
