// Owns the video module: openh264, libvpx and the compositor in one memory, so that decoders, canvas and encoders of a
// room share pictures without copying.
import type { Instance } from './instance.ts';
import { instantiate, type ModuleSource } from './loader.ts';

const functions = [
  'malloc',
  'free',
  'h264_encoder_create',
  'h264_encoder_input',
  'h264_encoder_output',
  'h264_encoder_is_key',
  'h264_encoder_encode',
  'h264_encoder_set_bitrate',
  'h264_encoder_set_frame_rate',
  'h264_encoder_destroy',
  'h264_decoder_create',
  'h264_decoder_input',
  'h264_decoder_picture',
  'h264_decoder_decode',
  'h264_decoder_flush',
  'h264_decoder_destroy',
  'vpx_encoder_create',
  'vpx_encoder_input',
  'vpx_encoder_output',
  'vpx_encoder_is_key',
  'vpx_encoder_encode',
  'vpx_encoder_set_bitrate',
  'vpx_encoder_destroy',
  'vpx_decoder_create',
  'vpx_decoder_input',
  'vpx_decoder_picture',
  'vpx_decoder_decode',
  'vpx_decoder_destroy',
  'scaler_create',
  'scaler_draw',
  'scaler_destroy',
  'canvas_fill',
] as const;

/** One instance: everything that shall share pictures lives in the same one. It is bound to its thread. */
export type Video = Instance<(typeof functions)[number]>;

/** Starts the video module (`readModule('video')`). */
export function loadVideo(source: ModuleSource): Promise<Video> {
  return instantiate(source, functions);
}
