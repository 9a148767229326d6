// Owns which STUN and TURN servers a client is told: the configured ones, and the relays of its region with credentials
// that expire. The secret shared with the relays stays here.
import type { IceServer, IceServers } from '../../schemas/ice-servers.ts';
import type { Clock } from '../clock.ts';
import { turnCredentials } from './turn-credentials.ts';

export interface Relay {
  readonly urls: readonly string[];
  /** What the relay accepts, the newest first: that one signs. */
  readonly secrets: readonly string[];
}

export interface IceServerTerms {
  /** Told to everybody as they are. */
  readonly fixed: readonly IceServer[];
  /** For clients whose region has no relay of its own; with no URLs they get none. */
  readonly relay: Relay;
  readonly relayOfRegion: Readonly<Record<string, Relay>>;
  readonly ttlMs: number;
}

/** For whom: the relay's log tells them apart, its quotas count by them. */
export interface RelayedClient {
  readonly room: string;
  readonly user: string;
  readonly region: string;
}

export type IceServersFor = (client: RelayedClient) => Promise<IceServers>;

const maxUserChars = 64;

export function createIceServers(terms: IceServerTerms, clock: Clock): IceServersFor {
  const { fixed, ttlMs } = terms;
  const regions = new Map(Object.entries(terms.relayOfRegion));
  return async ({ room, user, region }) => {
    const { urls, secrets } = regions.get(region) ?? terms.relay;
    const [secret] = secrets;
    if (urls.length === 0 || secret === undefined) return { iceServers: fixed };
    const credentials = await turnCredentials(secret, `${room}.${plain(user)}`, clock.now() + ttlMs);
    return { iceServers: [...fixed, { urls: [...urls], ...credentials }], iceServersMs: ttlMs };
  };
}

/** A relay's log and its separators are no place for free text. */
function plain(user: string): string {
  return user.replace(/[^0-9A-Za-z._-]/g, '_').slice(0, maxUserChars);
}
