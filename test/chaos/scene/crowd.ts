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
/** Guests of a room on their way in or out at the same time. */
const mostVisits = 2;

export class Crowd {
  readonly #stage: Stage;
  readonly #random: () => number;
  readonly #guests = new Map<Room, Member>();
  /** Every guest from its coming to its leaving. */
  readonly #visitors = new Map<Member, Room>();
  readonly #visits = new Map<Room, number>();
  /** What is under way, in words. */
  readonly #running = new Map<Promise<void>, string>();
  #paused = true;
  #guestCount = 0;

  constructor(stage: Stage, seed: number) {
    this.#stage = stage;
    this.#random = seeded(seed);
  }

  /** Everybody who ought to be in the room. */
  present(room: Room): readonly string[] {
    const guests = [...this.#visitors].flatMap(([guest, at]) => (at === room ? [guest] : []));
    const all = [...room.members, room.owt, ...guests];
    return all.filter(({ present }) => present).map(({ participant }) => participant);
  }

  /** What has not come to its end, in words. */
  get underWay(): readonly string[] {
    return [...this.#running.values()];
  }

  begin(): void {
    this.#paused = false;
    for (const room of this.#stage.rooms) {
      for (const member of [...room.members, room.owt])
        this.#run(`${member.name} talks`, this.#talk(room, member));
      this.#run(`${room.id} is managed`, this.#manage(room));
    }
  }

  /** True when nothing is under way any more, false when something still is after `timeoutMs`. */
  async pause(timeoutMs: number): Promise<boolean> {
    this.#paused = true;
    const late = new Promise<false>((resolve) => setTimeout(() => resolve(false), timeoutMs).unref());
    return Promise.race([this.#settled().then(() => true as const), late]);
  }

  async #settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.keys());
  }

  #run(what: string, work: Promise<void>): void {
    const running = work.finally(() => void this.#running.delete(running));
    this.#running.set(running, what);
  }

  async #talk(room: Room, member: Member | Room['owt']): Promise<void> {
    while (!this.#paused) {
      if (!(await this.#wait(actEveryMs))) return;
      // It is not awaited: a client does not stop talking because an answer is late.
      if (!('ask' in member) || this.#random() < 0.75)
        this.#run(
          `${member.name} says something`,
          member.say().then(() => undefined),
        );
      else this.#act(room, member);
    }
  }

  #act(room: Room, member: Member): void {
    if (this.#random() < 0.6) {
      this.#run(`${member.name} publishes and ends it`, this.#tried(this.#publish(member)));
      return;
    }
    const visits = this.#visits.get(room) ?? 0;
    if (visits === mostVisits) return;
    this.#visits.set(room, visits + 1);
    const visit = this.#tried(this.#visit(room)).finally(() => {
      this.#visits.set(room, (this.#visits.get(room) ?? 1) - 1);
    });
    this.#run(`guest ${this.#guestCount} or the next one of ${room.id} comes or goes`, visit);
  }

  async #tried(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#stage.record.failed(error instanceof Error ? error.message : String(error));
    }
  }

  async #publish(member: Member): Promise<void> {
    const media = { tracks: [{ type: 'video' as const, mid: '0', source: 'camera' as const }] };
    const { id } = await member.ask({ do: 'publish', request: { media } }, readSession);
    await member.ask({ do: 'unpublish', request: { id } }, () => undefined);
  }

  /** A guest comes, or the one there is says good-bye. */
  async #visit(room: Room): Promise<void> {
    const guest = this.#guests.get(room);
    if (guest !== undefined) {
      this.#guests.delete(room);
      const last = guest.say();
      // Or in the same breath, whether it is connected or not.
      if (this.#random() < 0.5) await last;
      this.#leave(guest);
      await last;
      return;
    }
    const at = Math.floor(this.#random() * this.#stage.edges.length);
    const next = this.#stage.member(room.id, `guest ${(this.#guestCount += 1)}`, at);
    this.#visitors.set(next, room);
    await next.join();
    // Two may have come at the same time.
    const other = this.#guests.get(room);
    this.#guests.set(room, next);
    if (other !== undefined) this.#leave(other);
    await next.say();
  }

  /** Who is not connected comes back to say so. */
  #leave(guest: Member): void {
    guest.leave();
    this.#visitors.delete(guest);
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
