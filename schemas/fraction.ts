// Owns exact fractions of a picture and their wire text `n/d` (spec room-model §4). The wider texts a room document may
// use ("0.5", "0.(3)") are read where documents are.

/** A non-negative rational, not reduced; the denominator is at least 1. */
export interface Fraction {
  readonly numerator: number;
  readonly denominator: number;
}

/** `n/d`, not reduced. */
export function fractionText({ numerator, denominator }: Fraction): string {
  return `${numerator}/${denominator}`;
}

/** The fraction behind `n/d`; undefined for any other text, `n/0`, and numbers beyond 53 bits. */
export function readFractionText(text: string): Fraction | undefined {
  const match = /^(\d{1,16})\/(\d{1,16})$/.exec(text);
  if (match === null) return undefined;
  const [numerator, denominator] = [Number(match[1]), Number(match[2])];
  if (!Number.isSafeInteger(numerator) || !Number.isSafeInteger(denominator) || denominator === 0) {
    return undefined;
  }
  return { numerator, denominator };
}

/** ⌊length × fraction⌋, exact for every fraction. `length` is a non-negative integer. */
export function floorOf(length: number, { numerator, denominator }: Fraction): number {
  return Number((BigInt(length) * BigInt(numerator)) / BigInt(denominator));
}
