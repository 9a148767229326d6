// Owns what a chaos run writes down as it happens, until a quiet moment turns it into a history and begins the next.
import type {
  Heard,
  History,
  HeldLease,
  Logged,
  Look,
  SaidText,
  SentDocument,
  Truth,
} from '../history/history.ts';
import { Stories } from './stories.ts';

/** A text under way. */
export interface Saying {
  outcome: SaidText['outcome'];
  settled: boolean;
}

interface Living {
  readonly room: string;
  readonly participant: string;
  joinedAt: number;
  heard: Heard[];
  over: boolean;
}

const now = (): number => performance.now();

export class Record {
  #said: (Omit<SaidText, 'outcome'> & Saying)[] = [];
  #lives: Living[] = [];
  #logged: Logged[] = [];
  #documents: SentDocument[] = [];
  #leases: HeldLease[] = [];
  /** Lives that the server ended although their client was there to stay. */
  readonly ended: { readonly participant: string; readonly room: string; readonly why: string }[] = [];
  /** How often requests other than texts failed, by what was said. */
  readonly refusals = new Map<string, number>();
  readonly stories = new Stories();
  asked = 0;
  /** Texts that clients were told again whose protocol does not count. */
  toldAgain = 0;
  /** What the log held at earlier quiet moments. */
  readonly #past = new Set<string>();

  say(room: string, participant: string, message: string): Saying {
    this.asked += 1;
    const saying = {
      room,
      participant,
      message,
      askedAt: now(),
      outcome: 'unknown' as const,
      settled: false,
    };
    this.#said.push(saying);
    return saying;
  }

  begin(room: string, participant: string): Living {
    const life = { room, participant, joinedAt: now(), heard: [], over: false };
    this.#lives.push(life);
    return life;
  }

  log(entries: readonly Logged[]): void {
    this.#logged.push(...entries);
  }

  /** Entries of a room's log after `seq` are not in it any more. */
  forget(room: string, seq: number): void {
    this.#logged = this.#logged.filter((each) => each.room !== room || each.seq <= seq);
  }

  document(sent: SentDocument): void {
    this.#documents.push(sent);
  }

  lease(held: HeldLease): void {
    this.#leases.push(held);
  }

  failed(what: string): void {
    this.refusals.set(what, (this.refusals.get(what) ?? 0) + 1);
  }

  /** Texts whose answer is still awaited. */
  get open(): number {
    return this.#said.filter(({ settled }) => !settled).length;
  }

  /** What was written down since the last time. Nothing may be under way. */
  take(looks: readonly Look[], truths: readonly Truth[]): History {
    const history: History = {
      said: this.#said,
      lives: this.#lives.map((life) => ({ ...life, complete: !life.over, heard: this.#news(life) })),
      logged: this.#logged,
      looks,
      truths,
      documents: this.#documents,
      leases: this.#leases,
      story: (id) => this.stories.of(id),
    };
    for (const { event } of this.#logged) if (event.type === 'text') this.#past.add(event.message);
    this.#said = [];
    this.#logged = [];
    this.#documents = this.#latest();
    this.#leases = this.#leases.slice(-50);
    this.#lives = this.#lives.filter(({ over }) => !over);
    for (const life of this.#lives) {
      life.heard = [];
      life.joinedAt = 0;
    }
    return history;
  }

  /** Without what was told again, after a connection broke, of what was heard before an earlier quiet moment. */
  #news({ heard }: Living): readonly Heard[] {
    let broke = false;
    const news = heard.filter((each) => {
      broke ||= 'broke' in each;
      return !broke || !('text' in each) || !this.#past.has(each.text);
    });
    this.toldAgain += heard.length - news.length;
    return news;
  }

  /** What a later document is held against. */
  #latest(): SentDocument[] {
    const latest = new Map<string, SentDocument>();
    for (const document of this.#documents) {
      if (document.outcome !== 'taken') continue;
      const key = `${document.room} ${document.worker}`;
      if (document.fence >= (latest.get(key)?.fence ?? 0)) latest.set(key, document);
    }
    return [...latest.values()];
  }
}

export type Life = ReturnType<Record['begin']>;
