// Owns the part of the configuration that says whom a process serves, how full it may be, and how work is scheduled (spec
// cluster §10).
import * as v from 'valibot';
import type { Scheduling } from '../../edge/cluster/scheduling.ts';
import { scheduledPurposeSchema } from '../../schemas/worker.ts';

const names = v.optional(v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(128))), []);
const perPurpose = <T>(schema: v.GenericSchema<T>) =>
  v.optional(v.record(v.picklist([...scheduledPurposeSchema.options, 'general']), schema), {});

export const clusterSettingsSchema = v.strictObject({
  isps: names,
  regions: names,
  /** Of `homes`: where rooms made here live. Empty: beside the directory. */
  home: v.optional(v.string(), ''),
  /** Milliseconds of round trip to a room's Redis from which on an edge leaves deciding to nearer ones. */
  far_ms: v.optional(v.pipe(v.number(), v.gtValue(0)), 1.5),
  /** The interface whose traffic is load; empty: the one that carries the public address. */
  network_name: v.optional(v.string(), ''),
  /** Mbit/s that it carries each way. */
  network_max_scale: v.optional(v.pipe(v.number(), v.gtValue(0)), 1000),
  max_load: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1)), 0.85),
  /** A name that there is no strategy of counts as `randomly-pick`, with a warning at the start. */
  strategy: perPurpose(v.string()),
  region_fallback: perPurpose(v.boolean()),
  /** Milliseconds. */
  schedule_reserve_time: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1)), 60_000),
});
export type ClusterSettings = v.InferOutput<typeof clusterSettingsSchema>;

export function schedulingOf(settings: ClusterSettings): Partial<Scheduling> {
  const { general = false, ...regionFallback } = settings.region_fallback;
  const everywhere = Object.fromEntries(
    scheduledPurposeSchema.options.map((purpose) => [purpose, regionFallback[purpose] ?? general]),
  );
  return {
    strategy: settings.strategy,
    regionFallback: everywhere,
    reserveMs: settings.schedule_reserve_time,
  };
}
