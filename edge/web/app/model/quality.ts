// Owns which qualities a mixed picture can be had in: what its stream lists as optional, in words for people. Pure.
import type { Resolution, VideoTrackInfo } from '../../../../schemas/media.ts';
import type { WantedParameters } from '../../../../schemas/request.ts';
import type { VideoCodec } from '../../../client/index.ts';
import type { StreamInfo } from '../../../../schemas/stream.ts';

/** What is asked for; what is absent is as the view has it. */
export interface Quality {
  readonly resolution?: Resolution;
  readonly framerate?: number;
  /** A multiplier such as `x0.8`. */
  readonly bitrate?: string;
  readonly codec?: VideoCodec;
}

export interface Option {
  /** The quality's text; `''` is the view's own. */
  readonly value: string;
  readonly label: string;
}

export interface QualityOptions {
  readonly resolution: readonly Option[];
  readonly framerate: readonly Option[];
  readonly bitrate: readonly Option[];
  readonly codec: readonly Option[];
}

/** Those that a subscription can ask for. */
const choosable: readonly VideoCodec[] = ['vp8', 'vp9', 'h264', 'av1'];
const codecNames: Readonly<Record<string, string>> = {
  vp8: 'VP8',
  vp9: 'VP9',
  h264: 'H.264',
  h265: 'H.265',
  av1: 'AV1',
};

/** The view's own first, then from the best to the least. Of codecs only those that `receives` knows. */
export function qualityOptions(
  { parameters, optional, format }: VideoTrackInfo,
  receives: (codec: string) => boolean,
): QualityOptions {
  const own = parameters?.resolution;
  const lists = optional.parameters;
  const sizes = [...(lists?.resolution ?? [])].sort((a, b) => b.width * b.height - a.width * a.height);
  const rates = [...(lists?.framerate ?? [])].sort((a, b) => b - a);
  const listed = new Set<string>((optional.format ?? []).map(({ codec }) => codec));
  const codecs = choosable.filter((codec) => codec !== format.codec && listed.has(codec) && receives(codec));
  return {
    resolution: [
      { value: '', label: own === undefined ? 'As mixed' : sizeLabel(own) },
      ...sizes.map((size) => ({ value: sizeText(size), label: sizeLabel(size) })),
    ],
    framerate: [
      {
        value: '',
        label: parameters?.framerate === undefined ? 'As mixed' : rateLabel(parameters.framerate),
      },
      ...rates.map((rate) => ({ value: String(rate), label: rateLabel(rate) })),
    ],
    bitrate: [
      { value: '', label: 'Full' },
      ...(lists?.bitrate ?? []).map((text) => ({ value: text, label: shareLabel(text) })),
    ],
    codec: [
      { value: '', label: codecLabel(format.codec) },
      ...codecs.map((codec) => ({ value: codec, label: codecLabel(codec) })),
    ],
  };
}

/** The quality with one part chosen anew, by an option's value. */
export function chooseQuality(quality: Quality, part: keyof QualityOptions, value: string): Quality {
  const { [part]: _replaced, ...rest } = quality;
  if (value === '') return rest;
  switch (part) {
    case 'resolution': {
      const [width = 0, height = 0] = value.split('x').map(Number);
      return { ...rest, resolution: { width, height } };
    }
    case 'framerate':
      return { ...rest, framerate: Number(value) };
    case 'bitrate':
      return { ...rest, bitrate: value };
    case 'codec': {
      const codec = choosable.find((each) => each === value);
      return codec === undefined ? rest : { ...rest, codec };
    }
  }
}

/** The option's value that a quality has chosen. */
export function chosenValue(quality: Quality, part: keyof QualityOptions): string {
  const { resolution, framerate, bitrate, codec } = quality;
  switch (part) {
    case 'resolution':
      return resolution === undefined ? '' : sizeText(resolution);
    case 'framerate':
      return framerate === undefined ? '' : String(framerate);
    case 'bitrate':
      return bitrate ?? '';
    case 'codec':
      return codec ?? '';
  }
}

/** As a subscription asks for it; the codec is none of its parameters. */
export function wantedParameters({ resolution, framerate, bitrate }: Quality): WantedParameters {
  return {
    ...(resolution === undefined ? {} : { resolution }),
    ...(framerate === undefined ? {} : { framerate }),
    ...(bitrate === undefined ? {} : { bitrate }),
  };
}

/** The picture of a mixed stream; undefined of one that only sounds. */
export function mixedVideoTrack({ media }: StreamInfo): VideoTrackInfo | undefined {
  return media.tracks.find((track) => track.type === 'video');
}

export function codecLabel(codec: string): string {
  return codecNames[codec.toLowerCase()] ?? codec;
}

function sizeText({ width, height }: Resolution): string {
  return `${width}x${height}`;
}
function sizeLabel({ width, height }: Resolution): string {
  return `${width} × ${height}`;
}
function rateLabel(rate: number): string {
  return `${rate} a second`;
}
function shareLabel(text: string): string {
  return `${Math.round(Number(text.slice(1)) * 100)} %`;
}
