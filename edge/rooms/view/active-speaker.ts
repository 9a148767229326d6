// Owns what follows in a view from who speaks (room-model §7.5). Who does is found by the worker that mixes.
import type { ViewSetting } from '../../../schemas/room.ts';
import { makePrimary } from './view-inputs.ts';
import type { ViewInputs } from './view-inputs.ts';

/** `activeInput` of a mixed stream in which nobody has spoken. */
export const nobody = 'unknown';

/** Voice activity is only followed where there is a picture to follow it. */
export function followsVoice({ audio, video }: ViewSetting): boolean {
  return audio.vad && video !== false;
}

/** What a report changes; the same inputs and text come back where it changes nothing. */
export interface Following {
  readonly inputs: ViewInputs;
  /** A stream id or `nobody`; a change of it is told to clients. */
  readonly activeInput: string;
}

export function follow(
  { keepActiveInputPrimary }: { readonly keepActiveInputPrimary: boolean },
  { inputs }: Following,
  speaker: string,
): Following {
  return { inputs: keepActiveInputPrimary ? makePrimary(inputs, speaker) : inputs, activeInput: speaker };
}
