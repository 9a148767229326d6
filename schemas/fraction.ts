// Owns exact fractions of a picture: their wire text `n/d`, and the wider texts of room documents ("1/3", "0.5", "0.(3)",
// "0", "1"; spec room-model §4).

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
  return checked(Number(match[1]), Number(match[2]));
}

/** The fraction behind a text of a room document; undefined when it is none or needs more than 53 bits. */
export function parseFraction(text: string): Fraction | undefined {
  const quotient = /^(\d+)\/(\d+)$/.exec(text);
  if (quotient !== null) return checked(Number(quotient[1]), Number(quotient[2]));
  const decimal = /^(\d+)(?:\.(\d*)(?:\((\d+)\))?)?$/.exec(text);
  if (decimal === null) return undefined;
  const [, whole = '', digits = '', period = ''] = decimal;
  if (period === '') return checked(Number(whole + digits), 10 ** digits.length);
  const numerator = Number(whole + digits + period) - Number(whole + digits);
  return checked(numerator, 10 ** digits.length * (10 ** period.length - 1));
}

/** ⌊length × fraction⌋, exact for every fraction. `length` is a non-negative integer. */
export function floorOf(length: number, { numerator, denominator }: Fraction): number {
  return Number((BigInt(length) * BigInt(numerator)) / BigInt(denominator));
}

function checked(numerator: number, denominator: number): Fraction | undefined {
  if (!Number.isSafeInteger(numerator) || !Number.isSafeInteger(denominator) || denominator === 0) {
    return undefined;
  }
  return { numerator, denominator };
}
