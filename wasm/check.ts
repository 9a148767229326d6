// Owns the argument checks that the wrappers share. They throw RangeError: wrong arguments are the caller's bug, never
// something that came from the network.

export function checkInteger(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name} is ${value}, not an integer from ${least} to ${most}`);
  }
}

export function checkNumber(name: string, value: number, least: number, most: number): void {
  if (!(value >= least && value <= most)) {
    throw new RangeError(`${name} is ${value}, not a number from ${least} to ${most}`);
  }
}

/** Pictures and rectangles are I420, whose chroma has half the columns and rows. */
export function checkSize(width: number, height: number): void {
  for (const [name, value] of [
    ['width', width],
    ['height', height],
  ] as const) {
    checkInteger(name, value, 16, 4096);
    if (value % 2 !== 0) throw new RangeError(`${name} is ${value}, not even`);
  }
}
