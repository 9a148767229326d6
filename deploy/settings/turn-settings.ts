// Owns the part of the configuration that names TURN servers, and what an edge makes of it for its clients.
import * as v from 'valibot';
import type { IceServerTerms, Relay } from '../../edge/tokens/ice-servers.ts';

const urls = v.array(v.pipe(v.string(), v.regex(/^turns?:[^\s/]+$/, 'must begin with turn: or turns:')));
/** Shared with the relays; the first signs. */
const secrets = v.array(v.pipe(v.string(), v.minLength(1)));

export const turnSettingsSchema = v.pipe(
  v.strictObject({
    urls: v.optional(urls, []),
    secrets: v.optional(secrets, []),
    /** Browsers ask for new credentials at three quarters of it. */
    ttl_seconds: v.optional(v.pipe(v.number(), v.minValue(60), v.maxValue(7 * 86_400)), 86_400),
    /** Those of `turn` where a region has no secrets of its own. */
    regions: v.optional(
      v.record(
        v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
        v.strictObject({ urls: v.pipe(urls, v.minLength(1)), secrets: v.optional(secrets, []) }),
      ),
      {},
    ),
  }),
  v.check(
    (turn) =>
      turn.secrets.length > 0 ||
      (turn.urls.length === 0 && Object.values(turn.regions).every((region) => region.secrets.length > 0)),
    'relays need secrets: those that they know as static-auth-secret',
  ),
);

interface RelaySettings {
  readonly turn: v.InferOutput<typeof turnSettingsSchema>;
  readonly webrtc: {
    readonly ice_servers: readonly {
      readonly urls: string[];
      readonly username?: string | undefined;
      readonly credential?: string | undefined;
    }[];
  };
}

/** What clients of this edge are told. */
export function iceServerTerms({ turn, webrtc }: RelaySettings): IceServerTerms {
  const ofRegion = ([name, region]: [string, Relay]): [string, Relay] => {
    return [name, region.secrets.length > 0 ? region : { ...region, secrets: turn.secrets }];
  };
  return {
    fixed: webrtc.ice_servers.map(({ urls: given, username, credential }) => ({
      urls: given,
      ...(username === undefined ? {} : { username }),
      ...(credential === undefined ? {} : { credential }),
    })),
    relay: turn,
    relayOfRegion: Object.fromEntries(Object.entries(turn.regions).map(ofRegion)),
    ttlMs: turn.ttl_seconds * 1000,
  };
}
