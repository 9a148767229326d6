// Owns watching what an encoder gives by its looks alone, each picture: units of another kind than they are said to be, no
// key frame where one was asked for, and hardly any bytes for a view that moves. Pure.
import type { Resolution, VideoFormat } from '../../../schemas/media.ts';
import type { EncodedUnit } from '../../engine/engine.ts';
import { formFault } from './coded-form.ts';
import { Strikes } from './strikes.ts';

/** No encoder says of a picture that has changed less than this. */
const leastBytes = 48;
const leastUnits = 5;

interface Given {
  units: number;
  largest: number;
}

export class UnitWatch {
  readonly #strikes = new Strikes();
  readonly #wrong: (reason: string) => void;
  /** By each encoder since the last look. */
  readonly #given = new Map<string, Given>();

  /** Two faults in a row are told, as words that fit behind "it gives". */
  constructor(wrong: (reason: string) => void) {
    this.#wrong = wrong;
  }

  /** `asked`: it was to be a key frame. */
  unit(
    output: string,
    format: VideoFormat,
    unit: EncodedUnit,
    { size, asked }: { readonly size: Resolution; readonly asked: boolean },
  ): void {
    const given = this.#given.get(output) ?? { units: 0, largest: 0 };
    this.#given.set(output, given);
    given.units++;
    given.largest = Math.max(given.largest, unit.data.length);
    const fault =
      asked && !unit.key ? 'no key frame was made of what was to be one' : formFault(format, unit, size);
    if (this.#strikes.note(`form ${output}`, fault !== undefined))
      this.#wrong(`encoded pictures: ${fault ?? ''}`);
  }

  /** There was a look at the view, which has moved since the last one or not. */
  looked(hasMoved: boolean): void {
    for (const [output, { units, largest }] of this.#given) {
      if (units < leastUnits) continue;
      const isEmpty = hasMoved && largest < leastBytes;
      if (this.#strikes.note(`bytes ${output}`, isEmpty))
        this.#wrong('encoded pictures: nothing of what moves');
    }
    this.#given.clear();
  }

  /** Forgets all but these. */
  keep(outputs: readonly string[]): void {
    this.#strikes.keep(outputs.flatMap((output) => [`form ${output}`, `bytes ${output}`]));
    for (const output of this.#given.keys()) if (!outputs.includes(output)) this.#given.delete(output);
  }
}
