// Owns what is measured while in a conference: who speaks (four times a second), and the figures and curves of the
// statistics (once a second).
import { Publication } from '../../../client/index.ts';
import type { Conference, Owner, Reading } from '../../../client/index.ts';
import { Changes } from './change.ts';
import { History } from './history.ts';
import type { Line, Point } from './history.ts';

export interface Figure extends Reading {
  readonly label: string;
}

const everyMs = 250;
const readingsPerFigure = 4;
const speakingAbove = 0.012;
/** Words have gaps. */
const speaksOnMs = 700;

export class Meters {
  /** Who speaks changed. */
  readonly speaking = new Changes();
  /** There are new figures. */
  readonly figures = new Changes();
  readonly history = new History();
  #rows: readonly Figure[] = [];
  readonly #spokeAt = new Map<string, number>();
  #speakers = new Set<string>();
  #stop: (() => void) | undefined;

  get rows(): readonly Figure[] {
    return this.#rows;
  }

  /** `label` names a session's line. */
  start(conference: Conference, label: (owner: Owner) => string): void {
    const levels = conference.createMeter();
    const rates = conference.createMeter();
    let turn = 0;
    let reading = false;
    const timer = setInterval(() => {
      if (reading) return;
      reading = true;
      const figuresDue = turn++ % readingsPerFigure === 0;
      Promise.all([levels.read(), figuresDue ? rates.read() : undefined])
        .then(([now, figures]) => {
          this.#listen(now);
          if (figures !== undefined) this.#note(figures, label);
        })
        .catch(() => undefined)
        .finally(() => {
          reading = false;
        });
    }, everyMs);
    this.#stop = () => clearInterval(timer);
  }

  /** Idempotent. */
  stop(): void {
    this.#stop?.();
  }

  /** `stream` is a stream's id, or `me`. */
  speaks(stream: string): boolean {
    return this.#speakers.has(stream);
  }

  #listen(readings: readonly Reading[]): void {
    const now = performance.now();
    for (const { owner, kind, audioLevel } of readings)
      if (kind === 'audio' && (audioLevel ?? 0) > speakingAbove)
        this.#spokeAt.set(owner instanceof Publication ? 'me' : owner.stream.id, now);
    const speakers = new Set<string>();
    for (const [stream, at] of this.#spokeAt)
      if (now - at < speaksOnMs) speakers.add(stream);
      else this.#spokeAt.delete(stream);
    const same =
      speakers.size === this.#speakers.size && [...speakers].every((who) => this.#speakers.has(who));
    this.#speakers = speakers;
    if (!same) this.speaking.tell();
  }

  #note(readings: readonly Reading[], label: (owner: Owner) => string): void {
    this.#rows = readings.map((reading) => ({ ...reading, label: label(reading.owner) }));
    const byOwner = new Map<Owner, Reading[]>();
    for (const reading of readings)
      byOwner.set(reading.owner, [...(byOwner.get(reading.owner) ?? []), reading]);
    const points = new Map<string, { line: Line; point: Point }>();
    for (const [owner, rows] of byOwner) {
      const name = label(owner);
      let key = name;
      for (let twin = 2; points.has(key); twin++) key = `${name} ${twin}`;
      points.set(key, { line: { key, label: key }, point: pointOf(rows) });
    }
    this.history.add(performance.now() / 1000, points);
    this.figures.tell();
  }
}

/** One point for all RTP streams of a session: rates add up, of frames and losses the largest counts. */
function pointOf(rows: readonly Reading[]): Point {
  const known = (pick: (row: Reading) => number | undefined): number[] =>
    rows.map(pick).filter((value) => value !== undefined);
  const largest = (values: number[]): number | null => (values.length === 0 ? null : Math.max(...values));
  const rates = known(({ bitrateBps }) => bitrateBps);
  const losses = largest(known(({ lossRatio }) => lossRatio));
  return {
    bitrate: rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0) / 1000,
    frames: largest(known(({ framesPerSecond }) => framesPerSecond)),
    loss: losses === null ? null : losses * 100,
    roundTrip: largest(known(({ roundTripMs }) => roundTripMs)),
  };
}
