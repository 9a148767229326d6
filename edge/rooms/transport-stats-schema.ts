// Owns the check of a worker's statistics (`TransportStats`).
import * as v from 'valibot';
import type { RtpCounters, TransportStats } from '../../schemas/worker.ts';

const countersSchema: v.GenericSchema<unknown, RtpCounters> = v.object({
  track: v.string(),
  ssrc: v.number(),
  packets: v.number(),
  bytes: v.number(),
  packetsLost: v.number(),
  retransmissions: v.number(),
  nacks: v.number(),
  plis: v.number(),
  keyFrames: v.number(),
  jitter: v.number(),
  rttMs: v.exactOptional(v.number()),
});

export const transportStatsSchema: v.GenericSchema<unknown, TransportStats> = v.object({
  transport: v.string(),
  state: v.string(),
  received: v.array(countersSchema),
  sent: v.array(countersSchema),
});
