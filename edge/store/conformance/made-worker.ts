// Owns made announcements for tests of whatever looks at workers.
import type { AliveAnnouncement, ScheduledPurpose } from '../../../schemas/worker.ts';

export interface MadeWorker {
  readonly purposes?: ScheduledPurpose[];
  /** For all its purposes; `null` is not known yet. */
  readonly load?: number | null;
  /** Of one more task of any of its purposes, as measured. */
  readonly cost?: number;
  readonly maxLoad?: number;
  readonly state?: AliveAnnouncement['state'];
  readonly isps?: string[];
  readonly regions?: string[];
  readonly video?: { decode: string[]; encode: string[] };
  readonly engines?: string[];
  readonly byEngine?: { engine: string; decode: string[]; encode: string[] }[];
  readonly algorithms?: string[];
  readonly portal?: { host: string; secure: boolean };
}

/** An announcement of an idle `webrtc` worker that is ready for everybody, but for what is given. */
export function madeWorker(worker: string, made: MadeWorker = {}): AliveAnnouncement {
  const { purposes = ['webrtc'], load = 0, maxLoad = 0.85, state = 'ready', isps = [], regions = [] } = made;
  const loads: AliveAnnouncement['load'] = {};
  if (load !== null) for (const purpose of purposes) loads[purpose] = load;
  return {
    type: 'alive',
    worker,
    purposes,
    load: loads,
    ...(made.cost !== undefined && {
      cost: Object.fromEntries(purposes.map((purpose) => [purpose, made.cost])),
    }),
    maxLoad,
    state,
    capacity: {
      isps,
      regions,
      ...(made.video && { video: made.video }),
      ...(made.engines && { engines: made.engines }),
      ...(made.byEngine && { byEngine: made.byEngine }),
      ...(made.algorithms && { algorithms: made.algorithms }),
    },
    ...(made.portal && { portal: made.portal }),
  };
}
