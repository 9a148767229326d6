// Owns what the media workers can mix and transcode, as far as they have said.
import * as v from 'valibot';
import type { Clock, Log } from '../../edge/clock.ts';
import { AbleWorkers } from '../../edge/rooms/able-workers.ts';
import type { Abilities } from '../../edge/rooms/abilities.ts';
import type { RoomSettings } from '../../edge/rooms/room-settings.ts';
import type { Transcoders } from '../../edge/rooms/transcoders.ts';
import type { Registry } from '../../edge/store/registry.ts';
import { channels, type Bus } from '../../schemas/bus.ts';
import type { MediaEngineOrder } from '../../schemas/media-engine.ts';
import { type AliveAnnouncement, workerAnnouncementSchema } from '../../schemas/worker.ts';

export interface TranscoderWatch {
  /** What opens without any worker cannot mix until one is heard. A worker between two lives counts. Never rejects. */
  known(engines?: MediaEngineOrder): Promise<Transcoders>;
  /** Says what is known at the end of this turn, and again when that is more or less. `hear` must not throw. */
  readonly watch: RoomSettings['watchTranscoders'];
  close(): void;
}

/** A registry that takes longer is not waited for. */
const registryMs = 500;
/** Who lives is heard of within this time, and who dies may be back within it. */
const heardWithinMs = 3000;
/** What time alone changes is looked at so often: everybody may be silent then. */
const lookMs = 1000;

/**
 * `known` waits for the first worker for `patienceMs` from now, and no more after that. Before any is heard that can do
 * everything, it asks the registries, which know of workers that were heard elsewhere.
 */
export function watchTranscoders(deps: {
  readonly bus: Bus;
  readonly registries: readonly Pick<Registry, 'alive' | 'watch'>[];
  readonly clock: Clock;
  readonly log: Log;
  readonly patienceMs: number;
}): TranscoderWatch {
  const { bus, registries, clock, log, patienceMs } = deps;
  const workers = new AbleWorkers(heardWithinMs);
  const wholeFrom = clock.now() + heardWithinMs;
  const listeners = new Set<(abilities: Abilities) => void>();
  let isAsked = false;
  let told = { revision: 0, whole: false };
  let heard: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const abilities: Abilities = {
    of: (engines) => workers.of(engines, clock.now()),
    get whole() {
      return isAsked && clock.now() >= wholeFrom;
    },
  };

  function note(worker: AliveAnnouncement): void {
    if (worker.purposes.every((purpose) => purpose === 'portal')) return;
    workers.heard(worker, clock.now());
    heard();
  }

  async function ask(): Promise<void> {
    const answers = await Promise.allSettled(registries.map((registry) => registry.alive()));
    for (const answer of answers) {
      if (answer.status === 'fulfilled') answer.value.forEach(note);
      else log.warn('the worker registry could not be reached', { error: answer.reason });
    }
    isAsked ||= answers.every(({ status }) => status === 'fulfilled');
  }

  function look(): void {
    const { whole } = abilities;
    const revision = workers.revision(clock.now());
    if (revision === told.revision && whole === told.whole) return;
    told = { revision, whole };
    for (const hear of listeners) hear(abilities);
  }

  const stops = [
    clock.after(patienceMs, heard),
    clock.every(lookMs, look),
    bus.subscribe(channels.workers, (message) => {
      const announced = v.safeParse(workerAnnouncementSchema, message);
      if (!announced.success || announced.output.type !== 'alive') return;
      note(announced.output);
      look();
    }),
    ...registries.map((registry) =>
      registry.watch((worker) => {
        workers.lost(worker, clock.now());
        if (!isAsked) void ask();
      }),
    ),
  ];
  void ask();
  return {
    async known(engines) {
      await first;
      const transcoders = abilities.of(engines);
      if (transcoders.audio && transcoders.video) return transcoders;
      await new Promise<void>((resolve) => {
        const cancel = clock.after(registryMs, resolve);
        void ask().then(() => {
          cancel();
          resolve();
        });
      });
      return abilities.of(engines);
    },
    watch(hear) {
      // Wrapped: the same listener may come twice.
      const listener = (known: Abilities) => hear(known);
      listeners.add(listener);
      clock.after(0, () => {
        if (listeners.has(listener)) hear(abilities);
      });
      return () => void listeners.delete(listener);
    },
    close: () => {
      for (const stop of stops) stop();
      listeners.clear();
      heard();
    },
  };
}
