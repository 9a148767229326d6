// Owns which video codecs every worker that mixes pictures is believed to take and make where a room allows any engine: the
// WebAssembly engine does. One that is configured without it may not, and nobody is told then.
import type { VideoFormat } from '../../schemas/media.ts';

export const plainCodecs: ReadonlySet<VideoFormat['codec']> = new Set(['vp8', 'vp9', 'h264']);
