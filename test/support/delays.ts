// Owns how late pictures and sounds of a participant come, and by how much they are apart, as a page that plays them
// measures it by the clocks in the pictures and by beeps at full seconds.
import type { MixingGuest } from './mixing-guest.ts';
import type { Area } from './mixing-report.ts';

function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN);
}
const spread = (values: readonly number[]) => ({
  p50: percentile(values, 0.5),
  p99: percentile(values, 0.99),
});

/** From drawing to showing, and from sounding to hearing, of one player's beeps. */
export async function delays(page: MixingGuest, name: string, area: Area, forMs: number) {
  await page.ask('onsets', name);
  const [shown = []] = await page.ask('watch', name, [area], forMs);
  const onsets = await page.ask('onsets', name);
  const video = shown.map(({ delayMs }) => delayMs);
  // Beeps are made at full seconds.
  const audio = onsets.map((at) => at % 1000);
  return {
    video: spread(video),
    audio: spread(audio),
    skewMs: percentile(audio, 0.5) - percentile(video, 0.5),
    pictures: video.length,
    beeps: audio.length,
  };
}

/**
 * Receivers begin with what they have and line picture and sound up in small steps, and again after each change of their
 * delays: resolves once they have for a while, or gave up.
 */
export async function linesUp(page: MixingGuest, area: Area, name = 'mixed'): Promise<void> {
  let good = 0;
  for (let turn = 0; turn < 12 && good < 2; turn++) {
    const { skewMs } = await delays(page, name, area, 4_000);
    good = Math.abs(skewMs) < 60 ? good + 1 : 0;
  }
}
