// Owns what every participant of a chaos run has, whatever it speaks: its name, the edge it is at, its life in the room, and
// the texts that it says. How it joins and comes back is its protocol's.
import type { Life, Record, Saying } from './record.ts';

export interface TalkerDeps {
  readonly room: string;
  readonly name: string;
  readonly record: Record;
  /** The addresses of the edges now, dead ones perhaps among them. */
  readonly edges: () => readonly string[];
  /** The edge it goes to first. */
  readonly at: number;
  readonly token: (room: string, user: string) => Promise<string>;
}

export abstract class Talker {
  readonly room: string;
  readonly name: string;
  protected readonly record: Record;
  protected life: Life | undefined;
  readonly #deps: TalkerDeps;
  #at: number;
  #said = 0;
  #lives = 0;
  #user = '';

  constructor(deps: TalkerDeps) {
    this.#deps = deps;
    this.#at = deps.at;
    this.room = deps.room;
    this.name = deps.name;
    this.record = deps.record;
  }

  /** Its name in its present life, as the room has it. */
  get user(): string {
    return this.#user;
  }

  get participant(): string {
    return this.life?.participant ?? '';
  }

  /** The edge that it is connected to or tries. */
  get edge(): string {
    const edges = this.#deps.edges();
    return edges[this.#at % edges.length] ?? '';
  }

  get present(): boolean {
    return this.life !== undefined && !this.life.over;
  }

  get heard(): Life['heard'] {
    return this.life?.heard ?? [];
  }

  /** Says the next text to all and records what becomes of it. */
  async say(text?: string): Promise<boolean> {
    const message = text ?? `${this.name} ${(this.#said += 1)}`;
    const saying = this.record.say(this.room, this.participant, message);
    try {
      await this.tell(message);
      saying.outcome = 'acknowledged';
      return true;
    } catch (error) {
      saying.outcome = this.outcomeOf(error);
      return false;
    } finally {
      saying.settled = true;
    }
  }

  /** Sends a text to all; resolves when that is acknowledged. */
  protected abstract tell(message: string): Promise<unknown>;

  /** Of a text that was not acknowledged. */
  protected abstract outcomeOf(error: unknown): Saying['outcome'];

  /** For the next life. */
  protected nextToken(): Promise<string> {
    this.#user = `${this.name}.${(this.#lives += 1)}`;
    return this.#deps.token(this.room, this.#user);
  }

  /** For the report, should it come to that. */
  protected note(text: string): void {
    this.record.stories.note(this.#user, text);
  }

  /** Another edge is tried from now on. */
  protected moveOn(): void {
    this.#at += 1;
  }

  protected endLife(): void {
    if (this.life !== undefined) this.life.over = true;
  }
}
