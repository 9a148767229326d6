// Owns the sound packets that wait to be played: in order, once each, within bounds. When they play is
// audio-jitter-buffer.ts's.
import type { AudioFrame } from './audio-frame.ts';

export interface QueuedAudio {
  readonly frame: AudioFrame;
  /** Extended numbers that never wrap. */
  readonly sequence: number;
  readonly timestamp: number;
}

export class AudioQueue {
  readonly #maxPackets: number;
  readonly #queued: QueuedAudio[] = [];

  constructor(maxPackets: number) {
    this.#maxPackets = maxPackets;
  }

  get length(): number {
    return this.#queued.length;
  }

  get head(): QueuedAudio | undefined {
    return this.#queued[0];
  }

  get second(): QueuedAudio | undefined {
    return this.#queued[1];
  }

  /** Puts a packet in its place; `full` means that the oldest had to go for it. */
  put(packet: QueuedAudio): 'queued' | 'double' | 'full' {
    let at = this.#queued.length;
    while (at > 0 && (this.#queued[at - 1]?.sequence ?? 0) > packet.sequence) at--;
    if (at > 0 && this.#queued[at - 1]?.sequence === packet.sequence) return 'double';
    this.#queued.splice(at, 0, packet);
    if (this.#queued.length <= this.#maxPackets) return 'queued';
    this.#queued.shift();
    return 'full';
  }

  take(): QueuedAudio | undefined {
    return this.#queued.shift();
  }

  clear(): void {
    this.#queued.length = 0;
  }
}
