// Owns reading what the driver counted (driver/counters.cc writes it): entries of a name of 24 bytes and a number.

/** Sums over all processes; `most…` is of the process that had most. */
export interface GpuCounters {
  readonly decodeJobs: number;
  readonly vppJobs: number;
  readonly vppLayers: number;
  readonly encodeJobs: number;
  readonly encodedBytes: number;
  readonly keyPictures: number;
  /** Pictures mapped into the processor's memory, copied out of surfaces, and copied into surfaces. */
  readonly imagesDerived: number;
  readonly imagesRead: number;
  readonly imagesWritten: number;
  /** Surfaces drawn or encoded into which nothing had been drawn. */
  readonly unwrittenReads: number;
  /** Wrong calls. */
  readonly misuses: number;
  /** Faults that struck. */
  readonly faults: number;
  readonly displays: number;
  readonly liveDisplays: number;
  readonly liveConfigs: number;
  readonly liveContexts: number;
  readonly liveSurfaces: number;
  readonly liveBuffers: number;
  readonly liveImages: number;
  readonly mostSurfaces: number;
  /** Objects that were there when their display was closed. */
  readonly leaked: number;
}

const none: GpuCounters = {
  decodeJobs: 0,
  vppJobs: 0,
  vppLayers: 0,
  encodeJobs: 0,
  encodedBytes: 0,
  keyPictures: 0,
  imagesDerived: 0,
  imagesRead: 0,
  imagesWritten: 0,
  unwrittenReads: 0,
  misuses: 0,
  faults: 0,
  displays: 0,
  liveDisplays: 0,
  liveConfigs: 0,
  liveContexts: 0,
  liveSurfaces: 0,
  liveBuffers: 0,
  liveImages: 0,
  mostSurfaces: 0,
  leaked: 0,
};
const nameBytes = 24;
const entryBytes = 32;

/** The sum of such files. */
export function readCounters(files: readonly Buffer[]): GpuCounters {
  const sums: Record<keyof GpuCounters, number> = { ...none };
  const isKnown = (name: string): name is keyof GpuCounters => name in sums;
  for (const file of files) {
    for (let at = 0; at + entryBytes <= file.length; at += entryBytes) {
      const name = file.toString('latin1', at, at + nameBytes).replace(/\0.*$/s, '');
      const value = Number(file.readBigInt64LE(at + nameBytes));
      if (isKnown(name))
        sums[name] = name === 'mostSurfaces' ? Math.max(sums[name], value) : sums[name] + value;
    }
  }
  return sums;
}

/** Their lines. */
export function readMisuses(files: readonly Buffer[]): string[] {
  return files.flatMap((file) => file.toString('utf8').split('\n')).filter((line) => line !== '');
}
