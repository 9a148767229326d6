// Owns the mixers of one room: converging them to the room's document, and lining up the sound and picture of its views.
import type { DesiredMixer, MixerStats } from '../../schemas/worker.ts';
import type { Router } from '../routing/router.ts';
import { LipSync } from './lip-sync.ts';
import { Mixer } from './mixer.ts';
import type { MixingRim, Report, TakeTapped } from './mixing-rim.ts';
import { Selector } from './selector.ts';

type Running =
  | {
      readonly kind: 'video';
      readonly mixer: Mixer;
      readonly lipSync: LipSync;
      companion: string | undefined;
    }
  | { readonly kind: 'audio'; readonly mixer: Mixer }
  | { readonly kind: 'selector'; readonly mixer: Selector };

export interface RoomMixersOptions {
  readonly router: Router;
  readonly rim: MixingRim;
  readonly report: Report;
  readonly tapped: TakeTapped;
}

const measureEveryMs = 1000;

export class RoomMixers {
  version = -1;
  fence = 0;
  readonly #options: RoomMixersOptions;
  readonly #running = new Map<string, Running>();
  #measuredMs = -Infinity;

  constructor(options: RoomMixersOptions) {
    this.#options = options;
  }

  apply(wanted: readonly DesiredMixer[]): void {
    const kinds = new Map(wanted.map(({ id, kind }) => [id, kind]));
    for (const [id, running] of this.#running) {
      if (kinds.get(id) === running.kind) continue;
      this.#running.delete(id);
      running.mixer.close();
    }
    for (const settings of wanted) this.#applyOne(settings);
  }

  /** To be called every 50 ms or so. */
  tick(nowMs: number): void {
    for (const { mixer } of this.#running.values()) mixer.tick(nowMs);
    if (nowMs - this.#measuredMs < measureEveryMs) return;
    this.#measuredMs = nowMs;
    for (const running of this.#running.values()) this.#lineUp(running, nowMs);
  }

  /** Pictures are made elsewhere where their device is used no more. */
  leaveDevice(): void {
    for (const running of this.#running.values()) if (running.kind === 'video') running.mixer.leaveDevice();
  }

  stats(): readonly MixerStats[] {
    return [...this.#running.values()].flatMap((running) => {
      if (running.kind === 'selector') return [];
      const stats = running.mixer.stats();
      if (stats?.kind !== 'video' || running.kind !== 'video') return stats ?? [];
      const { skewMs } = running.lipSync;
      return skewMs === undefined ? stats : { ...stats, skewMs };
    });
  }

  close(): void {
    for (const { mixer } of this.#running.values()) mixer.close();
    this.#running.clear();
  }

  #applyOne(settings: DesiredMixer): void {
    const known = this.#running.get(settings.id);
    if (known) update(known, settings);
    else this.#running.set(settings.id, this.#begin(settings));
  }

  #begin(settings: DesiredMixer): Running {
    const { kind } = settings;
    switch (kind) {
      case 'video': {
        const mixer = new Mixer({ settings, ...this.#options });
        return { kind, mixer, lipSync: new LipSync(), companion: settings.companion };
      }
      case 'audio':
        return { kind, mixer: new Mixer({ settings, ...this.#options }) };
      case 'selector':
        return { kind, mixer: new Selector({ settings, ...this.#options }) };
    }
  }

  /** A picture is said to be as much later as its sound is: receivers then hold back what is early. */
  #lineUp(running: Running, nowMs: number): void {
    if (running.kind !== 'video' || running.companion === undefined) return;
    const companion = this.#running.get(running.companion);
    if (companion?.kind !== 'audio') return;
    running.lipSync.measure(companion.mixer.ages, running.mixer.ages, nowMs);
    running.mixer.outputs.shiftMs = running.lipSync.skewMs ?? 0;
  }
}

function update(running: Running, settings: DesiredMixer): void {
  if (running.kind === 'selector') {
    if (settings.kind === 'selector') running.mixer.update(settings);
    return;
  }
  if (settings.kind === 'selector') return;
  running.mixer.update(settings);
  if (running.kind === 'video' && settings.kind === 'video') running.companion = settings.companion;
}
