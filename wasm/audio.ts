// Owns the audio module: Opus, AAC-LC, the resampler and the mixer in one memory.
import type { Instance } from './instance.ts';
import { instantiate, type ModuleSource } from './loader.ts';

const functions = [
  'malloc',
  'free',
  'opus_encoder_open',
  'opus_encoder_input',
  'opus_encoder_output',
  'opus_encoder_encode',
  'opus_encoder_set_bitrate',
  'opus_encoder_set_loss',
  'opus_encoder_close',
  'opus_decoder_open',
  'opus_decoder_input',
  'opus_decoder_output',
  'opus_decoder_decode',
  'opus_decoder_close',
  'aac_encoder_create',
  'aac_encoder_input',
  'aac_encoder_output',
  'aac_encoder_encode',
  'aac_encoder_destroy',
  'resampler_create',
  'resampler_input',
  'resampler_output',
  'resampler_process',
  'resampler_destroy',
  'mix_add',
  'mix_without',
  'mix_peak',
  'mix_limit',
] as const;

/** One instance, bound to its thread. */
export type Audio = Instance<(typeof functions)[number]>;

/** Starts the audio module (`readModule('audio')`). */
export function loadAudio(source: ModuleSource): Promise<Audio> {
  return instantiate(source, functions);
}
