// Owns the figures of the mixed picture, in words and units for people. Pure: readings in, rows out.
import type { MediaStats } from '../../../client/index.ts';
import { codecLabel } from './quality.ts';

/** What is read of both tracks of one subscription. */
export type PictureReading = Omit<MediaStats, 'mid' | 'direction' | 'totals'>;

export interface FigureRow {
  readonly name: string;
  readonly value: string;
  /** What the figure means, where its name does not say. */
  readonly meaning?: string;
}

const dash = '–';

export function pictureFigures(readings: readonly PictureReading[]): readonly FigureRow[] {
  const video = readings.find(({ kind }) => kind === 'video');
  const audio = readings.find(({ kind }) => kind === 'audio');
  const skew = skewMs(audio, video);
  return [
    { name: 'Frame rate', value: show(video?.framesPerSecond, (rate) => `${rate.toFixed(0)} a second`) },
    { name: 'Size', value: video?.width === undefined ? dash : `${video.width} × ${video.height ?? 0}` },
    {
      name: 'Codec',
      value:
        [video, audio]
          .flatMap((row) => row?.codec ?? [])
          .map(codecLabel)
          .join(', ') || dash,
    },
    {
      name: 'Bitrate',
      value: show(sum(video?.bitrateBps, audio?.bitrateBps), (rate) => `${(rate / 1000).toFixed(0)} kbit/s`),
    },
    { name: 'Freezes', value: show(video?.freezes, String) },
    {
      name: 'Picture waits',
      value: show(video?.bufferMs, milliseconds),
      meaning: 'In the jitter buffer, before it is shown',
    },
    {
      name: 'Sound waits',
      value: show(audio?.bufferMs, milliseconds),
      meaning: 'In the jitter buffer, before it is heard',
    },
    {
      name: 'Sound to picture',
      value: show(skew, (late) => `${late > 0 ? '+' : ''}${milliseconds(late)}`),
      meaning: 'Above 0 the sound comes later than the picture',
    },
  ];
}

/** How much later sound is than picture; undefined where the browser does not tell, or has not yet. */
export function skewMs(
  audio: PictureReading | undefined,
  video: PictureReading | undefined,
): number | undefined {
  if (audio?.playoutMs === undefined || video?.playoutMs === undefined) return undefined;
  const skew = video.playoutMs - audio.playoutMs;
  // Before both have a sender report, their clocks are not one.
  return Math.abs(skew) > 60_000 ? undefined : skew;
}

function show(value: number | undefined, words: (value: number) => string): string {
  return value === undefined ? dash : words(value);
}
function milliseconds(value: number): string {
  return `${value.toFixed(0)} ms`;
}
function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
}
