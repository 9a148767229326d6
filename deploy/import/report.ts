// Owns what an import tells a person: a line for each service and room, the totals, and the rooms that were refused as a
// file to mend and bring again.
import { appendFileSync, writeFileSync } from 'node:fs';
import type { FieldChange } from '../../schemas/room-import.ts';

const outcomes = ['created', 'updated', 'exists', 'refused'] as const;
export type Outcome = (typeof outcomes)[number];
export type Kind = 'service' | 'room';

export interface Told {
  readonly kind: Kind;
  readonly outcome: Outcome;
  readonly id: string | undefined;
  readonly name: string;
  /** Where it stands, such as `rooms.json:12`. */
  readonly at: string;
  readonly reason?: string | undefined;
  readonly notes?: readonly string[];
}

export class Report {
  readonly #print: (line: string) => void;
  readonly #refusedFile: string | undefined;
  readonly #counts = new Map<string, number>();
  #refusedDocuments = 0;

  /** `refusedFile` gets the refused rooms, one a line; it is emptied by the first. */
  constructor(print: (line: string) => void, refusedFile: string | undefined) {
    this.#print = print;
    this.#refusedFile = refusedFile;
  }

  tell({ kind, outcome, id, name, at, reason, notes = [] }: Told): void {
    this.#count(`${kind} ${outcome}`);
    const who = [
      ...(kind === 'service' ? ['service'] : []),
      id ?? at,
      ...(name === '' ? [] : [visible(name)]),
    ];
    const where = reason !== undefined && outcome === 'refused' && id !== undefined ? ` (${at})` : '';
    const why = reason === undefined ? '' : `: ${visible(reason)}${where}`;
    this.#print(`${outcome.padEnd(8)} ${who.join(' ')}${why}`);
    for (const note of notes) this.#print(`         ${visible(note)}`);
  }

  /** Lines of a file that hold nothing to bring. */
  unreadable(at: string, problem: string): void {
    this.#count('unreadable');
    this.#print(`refused  ${at}: ${problem}`);
  }

  note(text: string): void {
    this.#print(`note     ${visible(text)}`);
  }

  keepRefused(document: unknown): void {
    if (this.#refusedFile === undefined) return;
    const line = `${JSON.stringify(document)}\n`;
    // SIP passwords may be in it.
    if (this.#refusedDocuments === 0) writeFileSync(this.#refusedFile, line, { mode: 0o600 });
    else appendFileSync(this.#refusedFile, line);
    this.#refusedDocuments += 1;
  }

  get hasRefusals(): boolean {
    return [...this.#counts.keys()].some((what) => what === 'unreadable' || what.endsWith('refused'));
  }

  totals(): readonly string[] {
    const of = (kind: Kind) =>
      outcomes.map((outcome) => `${this.#counts.get(`${kind} ${outcome}`) ?? 0} ${outcome}`).join(', ');
    const services = [...this.#counts.keys()].some((what) => what.startsWith('service'));
    const unreadable = this.#counts.get('unreadable') ?? 0;
    return [
      ...(services ? [`services: ${of('service')}`] : []),
      `rooms: ${of('room')}`,
      ...(unreadable === 0 ? [] : [`places that could not be read: ${unreadable}`]),
      ...(this.#refusedDocuments === 0
        ? []
        : [
            `${this.#refusedDocuments} refused rooms are in ${this.#refusedFile ?? ''}: mend and import them again`,
          ]),
    ];
  }

  #count(what: string): void {
    this.#counts.set(what, (this.#counts.get(what) ?? 0) + 1);
  }
}

/** How one changed field reads. */
export function changeText({ field, was, now, reason }: FieldChange): string {
  const what = now === undefined ? `${field}: ${was} dropped` : `${field}: ${was} became ${now}`;
  return reason === undefined ? what : `${what} (${reason})`;
}

/** Names come from a file: nothing in them may steer a terminal. */
function visible(text: string): string {
  return text.replace(/\p{Cc}/gu, '?');
}
