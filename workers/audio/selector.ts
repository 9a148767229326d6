// Owns which of many inputs the outputs of a selector carry: the loudest, by the levels told in packets (room-model §8.3).
// Moves no packets and decodes nothing.
import type { DesiredAudioSelector } from '../../schemas/worker.ts';
import { NoiseGate } from './noise-gate.ts';

export interface Selected {
  /** What the output carries; absent: nothing. */
  readonly input?: { readonly stream: string; readonly track: string };
  /** `major` is who was loudest last. */
  readonly volume: 'major' | 'minor';
}

/** Clients are told of a change at most this often. */
const rankEveryMs = 200;
/** How fast loudness follows: slower than syllables. */
const memoryMs = 400;
/** Who is to be displaced must be quieter by 3 dB. */
const advantage = 2;

interface Candidate {
  stream: string;
  active: boolean;
  readonly track: string;
  readonly gate: NoiseGate;
  /** Mean energy of speech of late, 0 … 1; of those who do not tell their level 0. */
  loudness: number;
  heardMs: number;
}

export class AudioSelector {
  #outputs = 0;
  #candidates = new Map<string, Candidate>();
  /** What each output carries. */
  #places: (Candidate | undefined)[] = [];
  #major: Candidate | undefined;
  #rankedMs = -Infinity;
  #told = '';

  configure({ inputs, outputs }: Pick<DesiredAudioSelector, 'inputs' | 'outputs'>): void {
    this.#outputs = outputs.length;
    const before = this.#candidates;
    this.#candidates = new Map(
      inputs.map(({ stream, track, active }) => {
        const known = before.get(track) ?? newCandidate(track);
        known.stream = stream;
        if (known.active && !active) known.loudness = 0;
        known.active = active;
        return [track, known];
      }),
    );
  }

  /** Notes a packet of an input: its level in dB (0 … -127), or undefined when it does not tell. */
  heard(track: string, levelDb: number | undefined, nowMs: number): void {
    const candidate = this.#candidates.get(track);
    if (candidate === undefined || !candidate.active || levelDb === undefined) return;
    candidate.gate.hear(levelDb, nowMs);
    const kept = fading(candidate, nowMs);
    candidate.loudness = candidate.loudness * kept + candidate.gate.energy(levelDb) * (1 - kept);
    candidate.heardMs = nowMs;
  }

  /** What each output carries, when that is another than told before; undefined otherwise, and within 200 ms of the last. */
  rank(nowMs: number): readonly Selected[] | undefined {
    if (nowMs - this.#rankedMs < rankEveryMs) return undefined;
    this.#rankedMs = nowMs;
    for (const candidate of this.#candidates.values()) {
      candidate.loudness *= fading(candidate, nowMs);
      candidate.heardMs = nowMs;
    }
    this.#place();
    this.#findMajor();
    const selected = this.#places.map((candidate): Selected => {
      if (candidate === undefined) return { volume: 'minor' };
      const { stream, track } = candidate;
      return { input: { stream, track }, volume: candidate === this.#major ? 'major' : 'minor' };
    });
    const told = JSON.stringify(selected);
    if (told === this.#told) return undefined;
    this.#told = told;
    return selected;
  }

  /** Those who are carried stay in their places as long as nobody outside is clearly louder. */
  #place(): void {
    const places = Array.from({ length: this.#outputs }, (_, at) => {
      const candidate = this.#places[at];
      return candidate !== undefined && this.#isEligible(candidate) ? candidate : undefined;
    });
    const outside = [...this.#candidates.values()]
      .filter((candidate) => candidate.active && !places.includes(candidate))
      .sort((a, b) => b.loudness - a.loudness);
    for (const candidate of outside) {
      let at = places.indexOf(undefined);
      if (at < 0) at = quietest(places);
      const carried = places[at];
      if (at < 0 || (carried !== undefined && !isLouder(candidate, carried))) break;
      places[at] = candidate;
    }
    this.#places = places;
  }

  #findMajor(): void {
    let major = this.#places.find((candidate) => candidate === this.#major);
    for (const candidate of this.#places) {
      if (candidate === undefined || candidate.loudness === 0) continue;
      if (major === undefined || isLouder(candidate, major)) major = candidate;
    }
    this.#major = major;
  }

  #isEligible(candidate: Candidate): boolean {
    return candidate.active && this.#candidates.get(candidate.track) === candidate;
  }
}

function newCandidate(track: string): Candidate {
  return { stream: '', active: true, track, gate: new NoiseGate(), loudness: 0, heardMs: -Infinity };
}

/** What of a loudness is left after the time since it was last noted. */
function fading({ heardMs }: Candidate, nowMs: number): number {
  return Math.exp(-Math.max(0, nowMs - heardMs) / memoryMs);
}

/** Loudness fades but never ends: what is inaudible counts for silence. */
const inaudible = 1e-9;

function isLouder(candidate: Candidate, other: Candidate): boolean {
  return candidate.loudness > Math.max(inaudible, other.loudness * advantage);
}

function quietest(places: readonly (Candidate | undefined)[]): number {
  let at = -1;
  let least = Infinity;
  for (const [index, candidate] of places.entries()) {
    const loudness = candidate?.loudness ?? 0;
    if (loudness >= least) continue;
    least = loudness;
    at = index;
  }
  return at;
}
