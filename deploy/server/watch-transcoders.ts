// Owns what the media workers can mix and transcode, as far as they have said.
import * as v from 'valibot';
import type { Clock } from '../../edge/clock.ts';
import type { Transcoders } from '../../edge/rooms/transcoders.ts';
import { channels, type Bus, type Unsubscribe } from '../../schemas/bus.ts';
import { workerAnnouncementSchema } from '../../schemas/worker.ts';

export interface TranscoderWatch {
  /** Waits for the first worker, but not for ever: what opens without any cannot mix. A worker between two lives counts. */
  known(): Promise<Transcoders>;
  close(): void;
}

export function watchTranscoders(bus: Bus, clock: Clock, patienceMs: number): TranscoderWatch {
  let transcoders: Transcoders = { audio: false, video: false };
  const stops: Unsubscribe[] = [];
  const first = new Promise<void>((resolve) => {
    stops.push(
      clock.after(patienceMs, resolve),
      bus.subscribe(channels.workers, (message) => {
        const announced = v.safeParse(workerAnnouncementSchema, message);
        if (!announced.success || announced.output.type !== 'alive') return;
        const { purposes } = announced.output;
        if (purposes.every((purpose) => purpose === 'portal')) return;
        transcoders = {
          audio: transcoders.audio || purposes.includes('audio'),
          video: transcoders.video || purposes.includes('video'),
        };
        resolve();
      }),
    );
  });
  return {
    known: () => first.then(() => transcoders),
    close: () => {
      for (const stop of stops) stop();
    },
  };
}
