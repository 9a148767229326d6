// Owns the figures of the mixer behind the mixed picture, in words and units for people. Pure: what the server tells in,
// rows out.
import type { Distribution, MixerStats } from '../../../../schemas/worker.ts';
import type { FigureRow } from './picture-figures.ts';

/** Rows of the view's own mixers; none where nothing of it is mixed now. `mixed` is the mixed stream's id. */
export function mixerFigures(mixers: readonly MixerStats[], mixed: string): readonly FigureRow[] {
  return mixers.filter(({ id }) => id.startsWith(`${mixed}/`)).flatMap(rowsOf);
}

/** What to say when the server holds the picture back because it is full; undefined while it does not. */
export function shortage(mixers: readonly MixerStats[], mixed: string): string | undefined {
  for (const mixer of mixers)
    if (mixer.kind === 'video' && mixer.id.startsWith(`${mixed}/`)) {
      const { wanted, limit } = mixer.framerate;
      if (limit < wanted)
        return `The server is busy: ${limit.toFixed(0)} of ${wanted.toFixed(0)} pictures a second.`;
    }
  return undefined;
}

function rowsOf(mixer: MixerStats): readonly FigureRow[] {
  switch (mixer.kind) {
    case 'video':
      return pictureRows(mixer);
    case 'audio':
      return [
        {
          name: 'Sound delay',
          value: delay(mixer.addedMs),
          meaning: 'From a packet to the mix it is heard in, p50',
        },
      ];
    default:
      return [];
  }
}

function pictureRows(mixer: Extract<MixerStats, { kind: 'video' }>): readonly FigureRow[] {
  const { framerate, decodeMs, composeMs, encodeMs, addedMs, skewMs, rebuilds, engine } = mixer;
  const limited = framerate.limit < framerate.wanted ? `, held to ${framerate.limit.toFixed(0)}` : '';
  const work = { decoding: decodeMs.p50, composing: composeMs.p50, encoding: encodeMs.p50 };
  return [
    {
      name: 'Made',
      value: `${framerate.made.toFixed(0)} of ${framerate.wanted.toFixed(0)}${limited}`,
      meaning: 'Pictures a second, of those wanted',
    },
    {
      name: 'Work',
      value: `${(work.decoding + work.composing + work.encoding).toFixed(1)} ms`,
      meaning: Object.entries(work)
        .map(([what, tookMs]) => `${what} ${tookMs.toFixed(1)} ms`)
        .join(', '),
    },
    {
      name: 'Mixing delay',
      value: delay(addedMs),
      meaning: 'From a packet to the picture it is seen in, p50',
    },
    ...(skewMs === undefined
      ? []
      : [
          {
            name: 'Skew',
            value: `${skewMs > 0 ? '+' : ''}${skewMs.toFixed(0)} ms`,
            meaning: 'Above 0 the sound comes later than the picture',
          },
        ]),
    { name: 'Engine', value: rebuilds === 0 ? engine : `${engine}, rebuilt ${rebuilds}×` },
  ];
}

function delay({ p50 }: Distribution): string {
  return `${p50.toFixed(0)} ms`;
}
