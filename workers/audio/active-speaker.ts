// Owns who of a mixer's inputs speaks, from how loud each is (room-model §7.5). What follows from it is the room's.

/** How often energies are compared. */
export const evaluationPeriodMs = 1000;

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
