// Owns what is known of everybody and everything that ever was on a stage, in words with the time of day, as the processes'
// own logs have it: what a client did and what the room's log says of it. It explains violations and decides nothing.

interface Line {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly text: string;
}

const maxSubjects = 5_000;
const maxLines = 40;

export class Stories {
  /** By user, which a client knows before it has an id, or by the id of anything else. */
  readonly #lines = new Map<string, Line[]>();
  readonly #users = new Map<string, string>();

  note(subject: string, text: string, at = Date.now()): void {
    const lines = this.#lines.get(subject) ?? [];
    // Whoever is told of stays known.
    this.#lines.delete(subject);
    this.#lines.set(subject, lines);
    lines.push({ at, text });
    if (lines.length > maxLines) lines.shift();
    forgetOldest(this.#lines);
  }

  /** As `note`, by the id that a participant has in the room. */
  noteOf(id: string, text: string, at?: number): void {
    this.note(this.#users.get(id) ?? id, text, at);
  }

  /** The user behind a participant's id. */
  is(participant: string, user: string): void {
    this.#users.set(participant, user);
    forgetOldest(this.#users);
  }

  /** Everything known of that participant or stream, in order of time. */
  of(id: string): readonly string[] {
    const subject = this.#users.get(id) ?? id;
    const lines = [...(this.#lines.get(subject) ?? [])].sort((a, b) => a.at - b.at);
    const told = lines.map(
      ({ at, text }) => `${new Date(at).toISOString().slice(11, 23)} ${subject}: ${text}`,
    );
    return told.length > 0 ? told : [`${subject}: nothing is known of it`];
  }
}

function forgetOldest(map: Map<string, unknown>): void {
  const [oldest] = map.keys();
  if (map.size > maxSubjects && oldest !== undefined) map.delete(oldest);
}
