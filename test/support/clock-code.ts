// Owns the clock that a test picture shows to machines: milliseconds as black and white cells with a check, coarse enough
// to be read from a picture scaled to a quarter and compressed. Pure: no pixels, no time of its own.

export const clockColumns = 8;
export const clockRows = 3;
/** After this many ms the clock begins again. */
export const clockPeriodMs = 1 << 16;

const checkBits = 8;
const bits = clockColumns * clockRows;

/** The cells of a time in ms, row by row, true for white. */
export function encodeClock(ms: number): boolean[] {
  const time = Math.floor(ms) % clockPeriodMs;
  const word = (time << checkBits) | checkOf(time);
  return Array.from({ length: bits }, (_, index) => ((word >>> (bits - 1 - index)) & 1) === 1);
}

/** The time within the clock's period; undefined for cells that are none. */
export function decodeClock(cells: readonly boolean[]): number | undefined {
  if (cells.length !== bits) return undefined;
  let word = 0;
  for (const cell of cells) word = (word << 1) | (cell ? 1 : 0);
  const time = word >>> checkBits;
  return checkOf(time) === (word & 0xff) ? time : undefined;
}

/** How long before `nowMs` a clock was drawn that shows `time`; less than a period. */
export function ageOf(time: number, nowMs: number): number {
  const age = (nowMs - time) % clockPeriodMs;
  return age < 0 ? age + clockPeriodMs : age;
}

/** CRC-8 (x⁸+x²+x+1) that begins with ones, so that neither all black nor all white is a time. */
function checkOf(time: number): number {
  let check = 0xff;
  for (const byte of [time >>> 8, time & 0xff]) {
    check ^= byte;
    for (let turn = 0; turn < 8; turn++) check = check & 0x80 ? ((check << 1) ^ 0x07) & 0xff : check << 1;
  }
  return check;
}
