// Owns when an edge lets the room's conductor decide instead of deciding itself (architecture §3, room-log rules 1, 3 and
// 4), and the asking. What is decided, and how it gets into the log, is committer.ts.
import { channels, type Bus } from '../../schemas/bus.ts';
import type { Clock, Log } from '../clock.ts';
import { decodeOutcomes, encodeForward, type ForwardedCommand } from './forward-codec.ts';
import type { Outcome } from './live-room.ts';
import type { RoomSettings } from './room-settings.ts';

export interface ForwarderDeps {
  readonly room: string;
  readonly edge: string;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  readonly settings: Pick<RoomSettings, 'far' | 'forwardMs' | 'forwardHoldMs' | 'forwardRestMs'>;
  /** Whether this edge is the conductor: then there is nobody to ask. */
  readonly conducts: () => boolean;
}

/** So many conflicts in a row, and the others are deciding faster than this edge can. */
const patience = 2;

/** So many, and the conductor, which has nobody to ask, begs the others to leave deciding to it. */
const conductorsPatience = 8;

/** Who loses again after each hold leaves deciding to the conductor for longer, up to so many times as long. */
const longestHold = 16;

/**
 * With so many entries of other edges a second an own append would often lose, and each that wins makes the conductor's lose:
 * about 30 % of them by the formula of research room-log, were each an append.
 */
const crowdPerSecond = 600;
const countMs = 100;

export class Forwarder {
  readonly #deps: ForwarderDeps;
  /** In milliseconds since 1970. */
  #forwardsUntil = 0;
  #holdMs = 0;
  #decidesUntil = 0;
  #alone = false;
  /** Entries of other edges since then, and whether they were a crowd before. */
  #others = 0;
  #countedFrom = 0;
  #crowded = false;

  constructor(deps: ForwarderDeps) {
    this.#deps = deps;
  }

  /** Whether what is to be decided now goes to the conductor. */
  get wanted(): boolean {
    const { clock, settings, conducts } = this.#deps;
    const now = clock.now();
    if (now - this.#countedFrom >= countMs) {
      this.#crowded = this.#others * 1000 >= crowdPerSecond * (now - this.#countedFrom);
      this.#countedFrom = now;
      this.#others = 0;
    }
    if (conducts() || now < this.#decidesUntil) return false;
    return settings.far() || this.#crowded || now < this.#forwardsUntil;
  }

  /** Hears of every entry of the log that comes from `edge`. */
  heard(edge: string): void {
    if (edge !== this.#deps.edge) this.#others += 1;
  }

  /** A far edge conducts only where nobody nearer does. */
  get mayConduct(): boolean {
    return this.#alone || !this.#deps.settings.far();
  }

  /** Somebody nearer wants to conduct. */
  giveWay(): void {
    this.#alone = false;
    this.#decidesUntil = 0;
  }

  /** Hears of every append that lost against others. */
  conflicted(inARow: number): void {
    if (inARow < patience) return;
    const { room, bus, clock, settings, conducts } = this.#deps;
    if (conducts()) {
      if (inARow % conductorsPatience === 0) bus.publish(channels.outrun(room), {});
      return;
    }
    const { forwardHoldMs } = settings;
    this.#holdMs = Math.min(Math.max(forwardHoldMs, this.#holdMs * 2), forwardHoldMs * longestHold);
    this.#forwardsUntil = clock.now() + this.#holdMs;
  }

  /** The conductor loses against this edge and others, which are nearer to the log: they would keep it from ever deciding. */
  outrun(): void {
    const { clock, settings } = this.#deps;
    this.#decidesUntil = 0;
    this.#forwardsUntil = clock.now() + settings.forwardHoldMs * longestHold;
  }

  /** Hears of every append that was first. */
  appended(): void {
    this.#holdMs /= 2;
  }

  /**
   * The conductor's outcomes, in order; undefined when there is none that answers in time: then it is not known what became
   * of the commands, and this edge decides for a while, or until the answer comes after all. Never rejects.
   */
  async ask(after: number, commands: readonly ForwardedCommand[]): Promise<readonly Outcome[] | undefined> {
    const { room, clock, log, settings } = this.#deps;
    const answer = this.#answer(after, commands);
    try {
      const outcomes = await inTime(answer, clock, settings.forwardMs);
      this.#alone = false;
      return outcomes;
    } catch (error) {
      // It is part of every day: where in the code it was seen says nothing.
      const why = error instanceof Error ? error.message : error;
      log.info('nobody decides for this edge: it does so itself', { room, error: why });
      this.#alone = true;
      this.#forwardsUntil = 0;
      this.#decidesUntil = clock.now() + settings.forwardRestMs;
      answer.then(
        () => this.#answeredLate(),
        () => undefined,
      );
      return undefined;
    }
  }

  /** There is a conductor, only a busy one: deciding against it would keep it longer. */
  #answeredLate(): void {
    const { clock, settings } = this.#deps;
    this.#alone = false;
    this.#decidesUntil = 0;
    this.#forwardsUntil = Math.max(this.#forwardsUntil, clock.now() + settings.forwardHoldMs);
  }

  async #answer(after: number, commands: readonly ForwardedCommand[]): Promise<readonly Outcome[]> {
    const { room, edge, bus, settings } = this.#deps;
    const batch = encodeForward({ edge, after, commands });
    const withinMs = settings.forwardMs + settings.forwardRestMs;
    const outcomes = decodeOutcomes(
      await bus.request(channels.commands(room), batch, withinMs),
      commands.length,
    );
    if (outcomes === undefined) throw new Error('as many outcomes as commands were expected');
    return outcomes;
  }
}

function inTime<T>(work: Promise<T>, clock: Clock, ms: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(new Error(`no answer within ${ms} ms`)));
    work.then(resolve, reject).finally(cancel);
  });
}
