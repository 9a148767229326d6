// Owns the page's own picture and sound: from devices, or made by the page. It knows no conference.
import { Changes } from './change.ts';
import { createSynthetic } from './synthetic.ts';
import type { Synthetic } from './synthetic.ts';

/** `none` sends nothing of that kind; `synthetic` is made by the page; anything else is a device's id, or `default`. */
export interface Choice {
  readonly video: string;
  readonly audio: string;
}

export interface Device {
  readonly id: string;
  readonly label: string;
}

export type Trouble =
  | { readonly kind: 'denied'; readonly text: string }
  | { readonly kind: 'missing'; readonly text: string }
  | { readonly kind: 'failed'; readonly text: string };

type Kind = 'audio' | 'video';

export class LocalMedia {
  readonly changes = new Changes();
  readonly #size: { readonly width: number; readonly height: number };
  readonly #tracks = new Map<Kind, MediaStreamTrack>();
  readonly #synthetics = new Map<Kind, Synthetic>();
  readonly #off = new Set<Kind>();
  #name: string;
  #choice: Choice;
  #cameras: readonly Device[] = [];
  #microphones: readonly Device[] = [];
  #trouble: Trouble | undefined;
  #opening = 0;
  #preview = new MediaStream();

  constructor(choice: Choice, name: string, size: { readonly width: number; readonly height: number }) {
    this.#choice = choice;
    this.#name = name;
    this.#size = size;
  }

  get choice(): Choice {
    return this.#choice;
  }
  get cameras(): readonly Device[] {
    return this.#cameras;
  }
  get microphones(): readonly Device[] {
    return this.#microphones;
  }
  get trouble(): Trouble | undefined {
    return this.#trouble;
  }
  get opening(): boolean {
    return this.#opening > 0;
  }
  /** Changes its identity when its tracks change. */
  get media(): MediaStream {
    return this.#preview;
  }
  /** A camera is shown as in a mirror, a made picture has letters in it. */
  get mirrored(): boolean {
    return this.#choice.video !== 'synthetic';
  }

  track(kind: Kind): MediaStreamTrack | undefined {
    return this.#tracks.get(kind);
  }

  isOn(kind: Kind): boolean {
    return this.#tracks.has(kind) && !this.#off.has(kind);
  }

  /** Switches a kind on or off without giving it back. */
  setOn(kind: Kind, on: boolean): void {
    if (on) this.#off.delete(kind);
    else this.#off.add(kind);
    const track = this.#tracks.get(kind);
    if (track !== undefined) track.enabled = on;
    this.changes.tell();
  }

  rename(name: string): void {
    this.#name = name;
    for (const synthetic of this.#synthetics.values()) synthetic.rename(name);
  }

  /** Opens what was chosen; troubles are told in `trouble`, and what could be opened stays open. */
  async choose(choice: Partial<Choice>): Promise<void> {
    const before = this.#choice;
    this.#choice = { ...before, ...choice };
    this.#trouble = undefined;
    this.#opening += 1;
    this.changes.tell();
    try {
      for (const kind of ['video', 'audio'] as const)
        if (choice[kind] !== undefined || !this.#tracks.has(kind)) await this.#open(kind);
      await this.#listDevices();
    } finally {
      this.#opening -= 1;
      this.changes.tell();
    }
  }

  /** Lets go of every device. Idempotent. */
  close(): void {
    for (const kind of ['video', 'audio'] as const) this.#release(kind);
    this.#refresh();
  }

  async #open(kind: Kind): Promise<void> {
    const wanted = this.#choice[kind];
    this.#release(kind);
    if (wanted === 'synthetic') {
      const synthetic = createSynthetic({
        name: this.#name,
        ...this.#size,
        video: kind === 'video',
        audio: kind === 'audio',
      });
      this.#synthetics.set(kind, synthetic);
      this.#take(kind, synthetic.media.getTracks()[0]);
    } else if (wanted !== 'none') {
      try {
        const media = await navigator.mediaDevices.getUserMedia({ [kind]: this.#constraints(kind, wanted) });
        if (this.#choice[kind] === wanted) this.#take(kind, media.getTracks()[0]);
        else for (const track of media.getTracks()) track.stop();
      } catch (error) {
        this.#trouble = troubleOf(error, kind);
      }
    }
    this.#refresh();
  }

  #constraints(kind: Kind, device: string): MediaTrackConstraints {
    const deviceId = device === 'default' ? {} : { deviceId: { exact: device } };
    if (kind === 'audio')
      return { ...deviceId, echoCancellation: true, noiseSuppression: true, autoGainControl: true };
    return {
      ...deviceId,
      width: { ideal: this.#size.width },
      height: { ideal: this.#size.height },
      frameRate: { ideal: 30 },
    };
  }

  #take(kind: Kind, track: MediaStreamTrack | undefined): void {
    if (track === undefined) return;
    track.enabled = !this.#off.has(kind);
    this.#tracks.set(kind, track);
    track.addEventListener('ended', () => {
      if (this.#tracks.get(kind) !== track) return;
      this.#release(kind);
      this.#trouble = {
        kind: 'missing',
        text: `The ${kind === 'video' ? 'camera' : 'microphone'} went away.`,
      };
      this.#refresh();
    });
  }

  #release(kind: Kind): void {
    this.#synthetics.get(kind)?.close();
    this.#synthetics.delete(kind);
    const track = this.#tracks.get(kind);
    this.#tracks.delete(kind);
    track?.stop();
  }

  #refresh(): void {
    this.#preview = new MediaStream([...this.#tracks.values()]);
    this.changes.tell();
  }

  async #listDevices(): Promise<void> {
    // Absent on pages that came neither by https nor from this machine.
    if (!('mediaDevices' in navigator)) return;
    const devices = await navigator.mediaDevices.enumerateDevices();
    const named = (kind: MediaDeviceKind, word: string): readonly Device[] =>
      devices
        .filter((device) => device.kind === kind && device.deviceId !== '')
        .map(({ deviceId, label }, index) => ({ id: deviceId, label: label || `${word} ${index + 1}` }));
    this.#cameras = named('videoinput', 'Camera');
    this.#microphones = named('audioinput', 'Microphone');
  }
}

function troubleOf(error: unknown, kind: Kind): Trouble {
  const what = kind === 'video' ? 'camera' : 'microphone';
  const name = error instanceof Error ? error.name : '';
  switch (name) {
    case 'NotAllowedError':
    case 'SecurityError':
      return {
        kind: 'denied',
        text: `This page may not use the ${what}. Allow it in the address bar, or go without.`,
      };
    case 'NotFoundError':
    case 'OverconstrainedError':
      return { kind: 'missing', text: `No ${what} was found.` };
    case 'NotReadableError':
      return { kind: 'failed', text: `The ${what} is used by another program.` };
    case 'TypeError':
      return {
        kind: 'failed',
        text: 'The browser gives devices only to pages opened by https or on this machine.',
      };
    default:
      return { kind: 'failed', text: `The ${what} could not be opened.` };
  }
}
