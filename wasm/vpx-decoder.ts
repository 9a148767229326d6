// Owns the VP8 and VP9 decoders: one frame a call.
import { largestFrameBytes } from './h264-decoder.ts';
import { Handle } from './handle.ts';
import { type Decoded, readPicture } from './picture.ts';
import type { Video } from './video.ts';

export class VpxDecoder {
  readonly #video: Video;
  readonly #handle: Handle;

  constructor(video: Video, codec: 'vp8' | 'vp9') {
    this.#video = video;
    const { call } = video;
    this.#handle = new Handle(
      'VpxDecoder',
      call.vpx_decoder_create(codec === 'vp9' ? 1 : 0),
      call.vpx_decoder_destroy,
    );
  }

  /**
   * Decodes one frame of whatever content; never throws for it. An error means that nothing can be shown: ask for a key
   * frame.
   */
  decode(frame: Uint8Array): Decoded {
    if (frame.length === 0) return { kind: 'none' };
    if (frame.length > largestFrameBytes) return { kind: 'error', code: -1 };
    const { call } = this.#video;
    const { pointer } = this.#handle;
    const input = call.vpx_decoder_input(pointer, frame.length);
    if (input === 0) throw new Error('VpxDecoder is out of memory');
    this.#video.bytes.set(frame, input);
    const code = call.vpx_decoder_decode(pointer, frame.length);
    if (code < 0) return { kind: 'error', code };
    if (code === 0) return { kind: 'none' };
    return { kind: 'picture', picture: readPicture(this.#video, call.vpx_decoder_picture(pointer)) };
  }

  /** Frees the decoder; later calls do nothing. */
  close(): void {
    this.#handle.close();
  }
}
