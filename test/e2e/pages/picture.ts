// Owns the moving picture of a test participant: its colour, something that moves, and a clock for machines to read; and
// where in it each of these is. Not the reading: that is eye.ts.
import { clockColumns, clockRows, encodeClock } from '../../support/clock-code.ts';
import type { Look } from '../../support/cast.ts';
import { wallMs } from './wall-clock.ts';

/** Where things are, as shares of the picture: colour in the upper left, movement right of it, the clock below. */
export const pictureParts = {
  color: { left: 0, top: 0, width: 0.7, height: 0.5 },
  clock: { left: 0, top: 0.5, width: 1, height: 0.5 },
} as const;

export interface PictureSource {
  readonly track: MediaStreamTrack;
  /** Idempotent. */
  close(): void;
}

export function createPicture(
  { color }: Look,
  {
    width,
    height,
    framerate,
  }: { readonly width: number; readonly height: number; readonly framerate: number },
): PictureSource {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext('2d', { alpha: false });
  // Frames are handed over when they are drawn, not when the browser next looks.
  const track = canvas.captureStream(0).getVideoTracks()[0];
  if (pen === null || !(track instanceof CanvasCaptureMediaStreamTrack))
    throw new Error('no canvas to draw on');
  let turn = 0;
  const draw = (): void => {
    turn += 1;
    pen.fillStyle = `rgb(${color.join(' ')})`;
    pen.fillRect(0, 0, width, height / 2);
    const moving = width * (1 - pictureParts.color.width);
    const x = width - moving + moving * (0.5 + 0.35 * Math.sin(turn / 9));
    // Grey: a colour would now and then be that of the picture beside it.
    pen.fillStyle = `hsl(0 0% ${30 + ((turn * 5) % 40)}%)`;
    pen.beginPath();
    pen.arc(x, height * (0.25 + 0.12 * Math.cos(turn / 7)), height * 0.1, 0, 2 * Math.PI);
    pen.fill();
    const [cellWidth, cellHeight] = [width / clockColumns, height / 2 / clockRows];
    encodeClock(wallMs()).forEach((isWhite, index) => {
      pen.fillStyle = isWhite ? '#fff' : '#000';
      const [column, row] = [index % clockColumns, Math.floor(index / clockColumns)];
      pen.fillRect(column * cellWidth, height / 2 + row * cellHeight, cellWidth, cellHeight);
    });
    track.requestFrame();
  };
  draw();
  const timer = setInterval(draw, 1000 / framerate);
  return {
    track,
    close: () => {
      clearInterval(timer);
      track.stop();
    },
  };
}
