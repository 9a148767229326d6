// Owns who speaks in a view, and what follows from it (room-model §7.5). How loud a frame is, is measured by workers.
import type { ViewSetting } from '../../../schemas/room.ts';
import { makePrimary } from './view-inputs.ts';
import type { ViewInputs } from './view-inputs.ts';

/** How often energies are compared. */
export const evaluationPeriodMs = 1000;

/** `activeInput` of a mixed stream in which nobody has spoken. */
export const nobody = 'unknown';

/** Voice activity is only followed where there is a picture to follow it. */
export function followsVoice({ audio, video }: ViewSetting): boolean {
  return audio.vad && video !== false;
}

/** The stream that was reported last; absent at first and after a change of regions or layout by request. */
export interface SpeakerMemory {
  readonly reported?: string;
}

export const noSpeaker: SpeakerMemory = {};

/** Of one audio input over one period, on any scale on which silence is 0 and louder is more. */
export interface InputEnergy {
  readonly stream: string;
  readonly energy: number;
}

/** `speaker` is the loudest input when it is another than the one reported last. Of equals it is the first. */
export function hear(
  memory: SpeakerMemory,
  energies: readonly InputEnergy[],
): { readonly memory: SpeakerMemory; readonly speaker?: string } {
  let loudest: InputEnergy | undefined;
  for (const input of energies) {
    if (input.energy > (loudest?.energy ?? 0)) loudest = input;
  }
  if (loudest === undefined || loudest.stream === memory.reported) return { memory };
  return { memory: { reported: loudest.stream }, speaker: loudest.stream };
}

/** A speaker that leaves the view is reported anew should it come back. */
export function forget(memory: SpeakerMemory, stream: string): SpeakerMemory {
  return memory.reported === stream ? noSpeaker : memory;
}

/** What a report changes; the same objects and texts come back where it changes nothing. */
export interface Following {
  readonly view: ViewInputs;
  /** A stream id or `nobody`; a change of it is told to clients. */
  readonly activeInput: string;
}

export function follow(
  { keepActiveInputPrimary }: { readonly keepActiveInputPrimary: boolean },
  { view }: Following,
  speaker: string,
): Following {
  return { view: keepActiveInputPrimary ? makePrimary(view, speaker) : view, activeInput: speaker };
}
