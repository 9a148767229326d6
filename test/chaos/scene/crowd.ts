// Owns what the members of a stage do all the time, by chance: they talk, begin and end sessions, guests come and go, and
// the management interface changes permissions and layouts.
import { readSession } from '../../../edge/client/wire.ts';
import { region } from '../../support/mixed-room.ts';
import { seeded } from '../../fuzz/seeded.ts';
import type { Member } from './member.ts';
import type { Room, Stage } from './stage.ts';

/** Of each member, on average. */
const actEveryMs = 350;
const restMs = 4_000;

export class Crowd {
  readonly #stage: Stage;
  readonly #random: () => number;
  readonly #guests = new Map<Room, Member>();
  #running = new Set<Promise<void>>();
  #paused = true;
  #guestCount = 0;

  constructor(stage: Stage, seed: number) {
    this.#stage = stage;
    this.#random = seeded(seed);
  }

  /** Everybody who ought to be in the room. */
  present(room: Room): readonly string[] {
    const guest = this.#guests.get(room);
    const all = [...room.members, room.owt, ...(guest === undefined ? [] : [guest])];
    return all.filter(({ present }) => present).map(({ participant }) => participant);
  }

  begin(): void {
    this.#paused = false;
    for (const room of this.#stage.rooms) {
      for (const member of [...room.members, room.owt]) this.#run(this.#talk(room, member));
      this.#run(this.#manage(room));
    }
  }

  /** True when nothing is under way any more, false when something still is after `timeoutMs`. */
  async pause(timeoutMs: number): Promise<boolean> {
    this.#paused = true;
    const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), timeoutMs).unref());
    return Promise.race([Promise.all(this.#running).then(() => true as const), late]);
  }

  #run(work: Promise<void>): void {
    const running = work.finally(() => void this.#running.delete(running));
    this.#running.add(running);
  }

  async #talk(room: Room, member: Member | Room['owt']): Promise<void> {
    while (!this.#paused) {
      if (!(await this.#wait(actEveryMs))) return;
      // It is not awaited: a client does not stop talking because an answer is late.
      if (!('ask' in member) || this.#random() < 0.75) this.#run(member.say().then(() => undefined));
      else this.#run(this.#act(room, member));
    }
  }

  async #act(room: Room, member: Member): Promise<void> {
    const chance = this.#random();
    try {
      if (chance < 0.6) {
        const media = { tracks: [{ type: 'video' as const, mid: '0', source: 'camera' as const }] };
        const { id } = await member.ask({ do: 'publish', request: { media } }, readSession);
        await member.ask({ do: 'unpublish', request: { id } }, () => undefined);
      } else await this.#visit(room);
    } catch (error) {
      this.#stage.record.failed(error instanceof Error ? error.message : String(error));
    }
  }

  /** A guest comes, or the one there is says good-bye. */
  async #visit(room: Room): Promise<void> {
    const guest = this.#guests.get(room);
    if (guest?.connected === false) return;
    if (guest !== undefined) {
      this.#guests.delete(room);
      await guest.say();
      guest.leave();
      return;
    }
    const at = Math.floor(this.#random() * this.#stage.edges.length);
    const next = this.#stage.member(room.id, `guest ${(this.#guestCount += 1)}`, at);
    await next.join();
    // Two may have come at the same time.
    const other = this.#guests.get(room);
    this.#guests.set(room, next);
    if (other !== undefined) await other.until(() => other.connected, restMs);
    other?.leave();
    await next.say();
  }

  async #manage(room: Room): Promise<void> {
    while (!this.#paused) {
      if (!(await this.#wait(actEveryMs * 2))) return;
      const [member] = room.members;
      const [path, body] =
        room.mixed && this.#random() < 0.5
          ? [`streams/${room.id}-common`, layout(this.#random() < 0.5 ? '1/1' : '1/2')]
          : [`participants/${member?.participant ?? ''}`, permission(this.#random() < 0.5)];
      await this.#stage
        .anyEdge((url) => patch(`${url}/rooms/${room.id}/${path}`, body))
        .catch((error: unknown) =>
          this.#stage.record.failed(`REST: ${error instanceof Error ? error.message : ''}`),
        );
    }
  }

  /** False when it is time to pause. */
  async #wait(meanMs: number): Promise<boolean> {
    const ms = Math.min(restMs, -Math.log(1 - this.#random()) * meanMs);
    const until = performance.now() + ms;
    while (performance.now() < until && !this.#paused) {
      await new Promise((resolve) =>
        setTimeout(resolve, Math.min(50, Math.max(1, until - performance.now()))),
      );
    }
    return !this.#paused;
  }
}

function layout(size: string) {
  const value = [{ region: region('1', '0/1', '0/1', size) }];
  return [{ op: 'replace', path: '/info/layout', value }];
}

function permission(value: boolean) {
  return [{ op: 'replace', path: '/permission/subscribe/audio', value }];
}

async function patch(address: string, body: unknown): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(address, { method: 'PATCH', headers, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 80)}`);
}
