// Owns the same room in ffmpeg: decode all, scale, stack, encode with libx264, one thread each. It is told what our encoders do
// by themselves: the profile that browsers take, and no key pictures of its own accord.
import { spawnSync } from 'node:child_process';

export interface FfmpegRun {
  readonly cpuMs: number;
  readonly frames: number;
}

const threads = ['-threads', '1'];

/** `pictures`: at most so many. Throws when there is no ffmpeg with libx264. */
export function runFfmpeg(
  files: readonly string[],
  side: number,
  bitrateKbps: number,
  { preset = 'ultrafast', pictures }: { readonly preset?: string; readonly pictures?: number } = {},
): FfmpegRun {
  // The tiles that our arithmetic gives, even in all four.
  const even = (value: number): number => 2 * Math.floor(value / 2);
  const [width, height] = [even(1280 / side), even(720 / side)];
  const scaled = files.map((_, index) => {
    const scale = side === 2 ? 'null' : `scale=${width}:${height}:flags=bilinear`;
    return `[${index}:v]${scale}[t${index}]`;
  });
  const layout = files.map((_, index) => `${(index % side) * width}_${Math.floor(index / side) * height}`);
  const stack = `${files.map((_, index) => `[t${index}]`).join('')}xstack=inputs=${files.length}:layout=${layout.join('|')}`;
  const isWhole = side * width === 1280 && side * height === 720;
  const graph = `${scaled.join(';')};${stack}${isWhole ? '' : ',pad=1280:720'}[out]`;
  const inputs = files.flatMap((file) => [...threads, '-r', '30', '-f', 'h264', '-i', file]);
  const rate = [`-b:v`, `${bitrateKbps}k`, '-maxrate', `${bitrateKbps}k`, '-bufsize', `${bitrateKbps}k`];
  const encoding = ['-c:v', 'libx264', '-preset', preset, '-tune', 'zerolatency', '-g', '3000', ...rate];
  const kept = ['-profile:v', 'baseline', '-sc_threshold', '0'];
  const most = pictures === undefined ? [] : ['-frames:v', String(pictures)];
  const { stderr, status } = spawnSync(
    'ffmpeg',
    [
      ...['-hide_banner', '-nostdin', '-benchmark', '-filter_complex_threads', '1', ...inputs],
      ...[
        '-filter_complex',
        graph,
        '-map',
        '[out]',
        ...encoding,
        ...kept,
        ...threads,
        ...most,
        '-f',
        'null',
        '-',
      ],
    ],
    { encoding: 'utf8' },
  );
  const times = /bench: utime=([\d.]+)s stime=([\d.]+)s/.exec(stderr);
  const counts = [...stderr.matchAll(/frame=\s*(\d+)/g)];
  if (status !== 0 || times === null) throw new Error(`ffmpeg ended with ${status}: ${stderr.slice(-500)}`);
  return {
    cpuMs: (Number(times[1]) + Number(times[2])) * 1000,
    frames: Number(counts.at(-1)?.[1] ?? 0),
  };
}
