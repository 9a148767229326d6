// Owns what the media workers can mix and transcode, as far as they have said.
import * as v from 'valibot';
import type { Clock, Log } from '../../edge/clock.ts';
import type { RoomSettings } from '../../edge/rooms/room-settings.ts';
import { bothOf, noTranscoders, transcodersOf, type Transcoders } from '../../edge/rooms/transcoders.ts';
import type { Registry } from '../../edge/store/registry.ts';
import { channels, type Bus } from '../../schemas/bus.ts';
import { type AliveAnnouncement, workerAnnouncementSchema } from '../../schemas/worker.ts';

export interface TranscoderWatch {
  /** What opens without any worker cannot mix until one is heard. A worker between two lives counts. Never rejects. */
  known(): Promise<Transcoders>;
  /** Says what is known whenever a worker is heard, which each is every second. `hear` must not throw. */
  readonly watch: RoomSettings['watchTranscoders'];
  close(): void;
}

/** A registry that takes longer is not waited for. */
const registryMs = 500;

/**
 * `known` waits for the first worker for `patienceMs` from now, and no more after that. Before any is heard that can do
 * everything, it asks the registries, which know of workers that were heard elsewhere.
 */
export function watchTranscoders(deps: {
  readonly bus: Bus;
  readonly registries: readonly Pick<Registry, 'alive'>[];
  readonly clock: Clock;
  readonly log: Log;
  readonly patienceMs: number;
}): TranscoderWatch {
  const { bus, registries, clock, log, patienceMs } = deps;
  let transcoders = noTranscoders;
  const listeners = new Set<(transcoders: Transcoders) => void>();
  let heard: () => void = () => undefined;
  const first = new Promise<void>((resolve) => {
    heard = resolve;
  });

  function note(worker: AliveAnnouncement): void {
    if (worker.purposes.every((purpose) => purpose === 'portal')) return;
    transcoders = bothOf(transcoders, transcodersOf(worker));
    heard();
  }

  async function ask(): Promise<void> {
    const answers = await Promise.allSettled(registries.map((registry) => registry.alive()));
    for (const answer of answers) {
      if (answer.status === 'fulfilled') answer.value.forEach(note);
      else log.warn('the worker registry could not be reached', { error: answer.reason });
    }
  }

  const stops = [
    clock.after(patienceMs, heard),
    bus.subscribe(channels.workers, (message) => {
      const announced = v.safeParse(workerAnnouncementSchema, message);
      if (!announced.success || announced.output.type !== 'alive') return;
      note(announced.output);
      for (const hear of listeners) hear(transcoders);
    }),
  ];
  return {
    async known() {
      await first;
      if (transcoders.audio && transcoders.video) return transcoders;
      await new Promise<void>((resolve) => {
        const cancel = clock.after(registryMs, resolve);
        void ask().then(() => {
          cancel();
          resolve();
        });
      });
      return transcoders;
    },
    watch(hear) {
      // Wrapped: the same listener may come twice.
      const listener = (known: Transcoders) => hear(known);
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close: () => {
      for (const stop of stops) stop();
      heard();
    },
  };
}
