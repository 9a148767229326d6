// Owns which video codecs each worker that mixes pictures takes and makes, whatever engines it has.
import type { VideoFormat } from '../../schemas/media.ts';

export const plainCodecs: ReadonlySet<VideoFormat['codec']> = new Set(['vp8', 'vp9', 'h264']);
