// Owns the H.264 decoder: baseline, main and high profile, Annex B, one access unit a call.
import { Handle } from './handle.ts';
import { type Decoded, readPicture } from './picture.ts';
import type { Video } from './video.ts';

/** No access unit that a camera sends comes near. */
export const largestFrameBytes = 8 * 1024 * 1024;

export interface H264DecoderOptions {
  /** Show a guess where data is missing (the default), instead of an error. */
  readonly conceal?: boolean;
}

export class H264Decoder {
  readonly #video: Video;
  readonly #handle: Handle;

  constructor(video: Video, { conceal = true }: H264DecoderOptions = {}) {
    this.#video = video;
    const { call } = video;
    this.#handle = new Handle(
      'H264Decoder',
      call.h264_decoder_create(conceal ? 1 : 0),
      call.h264_decoder_destroy,
    );
  }

  /**
   * Decodes one access unit of whatever content; never throws for it. An error means that nothing can be shown: ask for
   * a key frame. Profiles above baseline hold pictures back, so `none` there means a later one (see `flush`).
   */
  decode(accessUnit: Uint8Array): Decoded {
    if (accessUnit.length === 0) return { kind: 'none' };
    if (accessUnit.length > largestFrameBytes) return { kind: 'error', code: -1 };
    const { call } = this.#video;
    const { pointer } = this.#handle;
    const input = call.h264_decoder_input(pointer, accessUnit.length);
    if (input === 0) throw new Error('H264Decoder is out of memory');
    this.#video.bytes.set(accessUnit, input);
    return this.#result(call.h264_decoder_decode(pointer, accessUnit.length));
  }

  /** Takes out the next picture that was held back for reordering; `none` when there is none. */
  flush(): Decoded {
    return this.#result(this.#video.call.h264_decoder_flush(this.#handle.pointer));
  }

  /** Frees the decoder; later calls do nothing. */
  close(): void {
    this.#handle.close();
  }

  #result(code: number): Decoded {
    if (code < 0) return { kind: 'error', code };
    if (code === 0) return { kind: 'none' };
    const picture = this.#video.call.h264_decoder_picture(this.#handle.pointer);
    return { kind: 'picture', picture: readPicture(this.#video, picture) };
  }
}
