// Owns how the clients of an edge that is about to stop go to other edges: few at a time, so that nobody is overrun, and
// early enough that this edge can still hand each one over. What a session does then is `session.ts`.
import type { Clock, Log } from '../clock.ts';
import type { OtherPortals } from '../cluster/other-portals.ts';
import type { PortalAddress } from '../tokens/portal-address.ts';
import type { Session } from './session.ts';

const stepMs = 200;
/** How often it is seen whether there still are other edges. */
const lookEveryMs = 1000;
/** Balancers that ask whether this edge is ready have to notice first: that share of the time, and no longer than that. */
const notice = { share: 0.2, mostMs: 2000 };
/** The last client leaves after that share of the time: the rest is for its coming back elsewhere. */
const leavingShare = 0.6;
/** An answer under way is waited for so long before its client's connection is closed. */
const answerPatienceMs = 1500;

interface Draining {
  readonly sessions: () => readonly Session[];
  readonly elsewhere: OtherPortals;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Resolves when nobody is left who could go elsewhere, or after `withinMs`: with true, or with false as soon as there is no
 * other edge any more. Then the whole cluster stops, and nobody need be waited for.
 */
export async function drainSessions(deps: Draining, withinMs: number): Promise<boolean> {
  const { sessions, elsewhere, clock, log } = deps;
  const began = clock.now();
  const leaveFrom = began + Math.min(notice.mostMs, notice.share * withinMs);
  const leaveUntil = began + leavingShare * withinMs;
  log.info('sending clients to other edges', { sessions: sessions().length });
  for (let lookAt = began; clock.now() - began < withinMs;) {
    await new Promise<void>((resolve) => void clock.after(stepMs, resolve));
    const now = clock.now();
    if (now >= lookAt) {
      lookAt = now + lookEveryMs;
      if (!(await elsewhere.exists())) return false;
    }
    if (now < leaveFrom) continue;
    const movable = sessions().filter((session) => session.movable);
    // Who left waits to be taken over; who cannot leave is not waited for.
    if (movable.length === 0 && sessions().every(({ phase }) => phase === 'joined')) return true;
    const steps = Math.max(1, Math.ceil((leaveUntil - now) / stepMs));
    await sendAway(deps, movable.slice(0, Math.ceil(movable.length / steps)));
  }
  if (sessions().length > 0)
    log.warn('not all clients went to other edges in time', { sessions: sessions().length });
  return true;
}

async function sendAway({ elsewhere }: Draining, leaving: readonly Session[]): Promise<void> {
  const known = new Map<string, Promise<PortalAddress | undefined>>();
  for (const session of leaving) {
    const origin = session.origin;
    const key = JSON.stringify([origin.isp, origin.region]);
    const address = known.get(key) ?? elsewhere.address(origin);
    known.set(key, address);
    const to = await address;
    void session.sendAway(to, answerPatienceMs);
  }
}
