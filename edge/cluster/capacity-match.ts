// Owns whether a worker can do what a task asks of its purpose (spec cluster §6, with its decisions). Pure.
import { codecOf } from '../../schemas/format-text.ts';
import type { MediaEngineOrder } from '../../schemas/media-engine.ts';
import type { Capacity, VideoCapacity } from '../../schemas/worker.ts';
import type { Demand } from '../store/registry.ts';
import { plainCodecs } from './plain-codecs.ts';

type Asked = Pick<Demand, 'purpose' | 'formats' | 'algorithm' | 'engines'>;

/** Whether `capacity` has every format, or the algorithm, that is asked for; what it does not list it does not limit. */
export function canDo(capacity: Capacity, { purpose, formats, algorithm, engines }: Asked): boolean {
  switch (purpose) {
    case 'video': {
      const video = videoCapacity(capacity, engines);
      if (video === 'none') return false;
      return (
        video === 'all' ||
        formats === undefined ||
        (formats.decode.every((format) => video.decode.some((known) => codecOf(known) === codecOf(format))) &&
          formats.encode.every((format) => video.encode.some((known) => covers(known, format))))
      );
    }
    case 'analytics':
      return algorithm === undefined || (capacity.algorithms ?? []).includes(algorithm);
    case 'portal':
    case 'webrtc':
    case 'audio':
    case 'recording':
    case 'streaming':
    case 'sip':
      return true;
  }
}

/**
 * What of a worker's formats is there for who allows these engines alone; absent: any. `none`: it has none of them. A mixer
 * runs on one engine, so what is not plain counts only of those that can do all the plain that the others can.
 */
export function videoCapacity(
  { video, engines = ['wasm'], byEngine }: Capacity,
  allowed: MediaEngineOrder | undefined,
): VideoCapacity | 'all' | 'none' {
  if (allowed === undefined) return video ?? 'all';
  const names: readonly string[] = allowed;
  if (!engines.some((engine) => names.includes(engine))) return 'none';
  if (byEngine === undefined) return video ?? 'all';
  const parts = byEngine.filter(({ engine }) => engines.includes(engine) && names.includes(engine));
  const plain = (of: 'decode' | 'encode'): string[] => parts.flatMap((part) => part[of].filter(isPlain));
  const whole = parts.filter(({ decode, encode }) =>
    [
      ...plain('decode').map((each) => decode.includes(each)),
      ...plain('encode').map((each) => encode.includes(each)),
    ].every(Boolean),
  );
  return {
    decode: [...new Set([...whole.flatMap(({ decode }) => decode), ...plain('decode')])],
    encode: [...new Set([...whole.flatMap(({ encode }) => encode), ...plain('encode')])],
  };
}

const plainNames: ReadonlySet<string> = plainCodecs;

function isPlain(format: string): boolean {
  return plainNames.has(codecOf(format));
}

/** A format without a profile leaves it to the other side which one. */
function covers(known: string, wanted: string): boolean {
  return known === wanted || known === codecOf(wanted) || codecOf(known) === wanted;
}
