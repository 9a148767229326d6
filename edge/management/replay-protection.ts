// Owns whether a signed request was sent before (spec rest-api §3.4). That its signature is good was found out already.
import type { Clock } from '../clock.ts';
import type { Once } from '../store/once.ts';
import { TimestampFloor } from './timestamp-floor.ts';

export interface ReplaySettings {
  /** The original's rule: timestamps of a service never go back, and no nonce comes twice with the same one. */
  readonly timestampCheck: boolean;
  /** How far a client's clock may be from ours; 0 allows any. */
  readonly clockWindowMs: number;
  /** Without a window: how long a request is remembered, and how far clocks of one service may be apart. 0 is off. */
  readonly replayMemoryMs: number;
  /** The very same header is still accepted so long after its first use: proxies repeat requests, short nonces collide. */
  readonly replayGraceMs: number;
}

export const defaultReplaySettings: ReplaySettings = {
  timestampCheck: false,
  clockWindowMs: 0,
  replayMemoryMs: 3_600_000,
  replayGraceMs: 10_000,
};

/** Of one service, at this edge; the ports remember about as many. */
const maxRemembered = 200_000;
/** Headers whose repetition is still accepted; beyond this it no longer is for the oldest. */
const maxRepeatable = 10_000;
/** A timestamp that is no number cannot become too old: it is remembered longer instead. */
const oddMemoryMs = 86_400_000;
/** Smaller numbers are seconds: as milliseconds they would be of 1973. */
const secondsBelow = 1e11;

export interface SignedRequest {
  readonly service: string;
  readonly timestamp: string;
  /** Stands for timestamp, nonce, user and role: only who has the key makes another one for them. */
  readonly signature: string;
}

interface Repeatable {
  readonly since: number;
  readonly isNew: Promise<boolean>;
}

/** Whether requests are new. Rejects with SluiceError `unavailable` when the memory cannot be asked. */
export function createReplayProtection(options: {
  readonly once: Once;
  readonly clock: Clock;
  readonly settings: ReplaySettings;
}): (request: SignedRequest) => Promise<boolean> {
  const { once, clock, settings } = options;
  const { timestampCheck, clockWindowMs, replayMemoryMs, replayGraceMs } = settings;
  /** By service; they grow with the services only. */
  const latest = new Map<string, number>();
  const floors = new Map<string, TimestampFloor>();
  /** Headers whose repetition shares the answer of the first, the oldest first. */
  const repeatable = new Map<string, Repeatable>();

  function repeated(header: string, now: number): Promise<boolean> | undefined {
    for (const [old, { since }] of repeatable) {
      if (now - since <= replayGraceMs && repeatable.size <= maxRepeatable) break;
      repeatable.delete(old);
    }
    return repeatable.get(header)?.isNew;
  }
  function first(service: string, id: string, keepMs: number): Promise<boolean> {
    return once.first(`mauth.${service}`, id, keepMs);
  }
  /** The original's rule. */
  async function inOrder(service: string, id: string, timestamp: number): Promise<boolean> {
    if (!Number.isFinite(timestamp) || timestamp < (latest.get(service) ?? 0)) return false;
    // Taken before the first await: of two requests under way the later one must not be undone by the earlier.
    latest.set(service, timestamp);
    return first(service, id, oddMemoryMs);
  }
  async function withinWindow(service: string, id: string, timestamp: number, now: number): Promise<boolean> {
    // Also false for what is no number.
    if (!(Math.abs(timestamp - now) <= clockWindowMs)) return false;
    return first(service, id, timestamp + clockWindowMs - now + 1_000);
  }
  async function remembered(service: string, id: string, timestamp: number, now: number): Promise<boolean> {
    if (!Number.isFinite(timestamp)) return first(service, id, oddMemoryMs);
    const floor = floors.get(service) ?? new TimestampFloor(replayMemoryMs, maxRemembered);
    floors.set(service, floor);
    if (floor.isTooOld(timestamp, now)) return false;
    // A clock may be years ahead: nobody remembers that long.
    const keepMs = Math.min(floor.memoryMs(timestamp, now), replayMemoryMs + oddMemoryMs);
    if (!(await first(service, id, keepMs))) return false;
    floor.accept(timestamp, now);
    return true;
  }

  async function isNew({ service, timestamp, signature: id }: SignedRequest, now: number): Promise<boolean> {
    const given = timestamp.trim() === '' ? NaN : Number(timestamp);
    if (timestampCheck) return inOrder(service, id, given);
    const ms = Math.abs(given) < secondsBelow ? given * 1000 : given;
    if (clockWindowMs > 0) return withinWindow(service, id, ms, now);
    return replayMemoryMs > 0 ? remembered(service, id, ms, now) : true;
  }

  return async (request) => {
    const now = clock.now();
    if (timestampCheck || replayGraceMs === 0) return isNew(request, now);
    const header = `${request.service},${request.signature}`;
    const before = repeated(header, now);
    if (before !== undefined) return before;
    const answer = isNew(request, now);
    repeatable.set(header, { since: now, isNew: answer });
    // A store that was away says nothing of the request: it may be asked again.
    answer.catch(() => repeatable.delete(header));
    return answer;
  };
}
