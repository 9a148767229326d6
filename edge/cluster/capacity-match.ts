// Owns whether a worker can do what a task asks of its purpose (spec cluster §6, with its decisions). Pure.
import type { Capacity } from '../../schemas/worker.ts';
import type { Demand } from '../store/registry.ts';

type Asked = Pick<Demand, 'purpose' | 'formats' | 'algorithm'>;

/** Whether `capacity` has every format, or the algorithm, that is asked for; what it does not list it does not limit. */
export function canDo({ video, algorithms }: Capacity, { purpose, formats, algorithm }: Asked): boolean {
  switch (purpose) {
    case 'video':
      return (
        video === undefined ||
        formats === undefined ||
        (formats.decode.every((format) => video.decode.some((known) => codec(known) === codec(format))) &&
          formats.encode.every((format) => video.encode.some((known) => covers(known, format))))
      );
    case 'analytics':
      return algorithm === undefined || (algorithms ?? []).includes(algorithm);
    case 'portal':
    case 'webrtc':
    case 'audio':
    case 'recording':
    case 'streaming':
    case 'sip':
      return true;
  }
}

/** A format without a profile leaves it to the other side which one. */
function covers(known: string, wanted: string): boolean {
  return known === wanted || known === codec(wanted) || codec(known) === wanted;
}

/** The text form of a format is `codec` or `codec_profile`. */
function codec(format: string): string {
  return format.split('_', 1)[0] ?? format;
}
