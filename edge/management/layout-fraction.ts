// Owns reading of the fraction texts in a view's layout ("1/3", "0.5", "0.(3)", "0", "1"; spec room-model §4).

/** A non-negative rational, not reduced. */
export interface Fraction {
  readonly numerator: number;
  readonly denominator: number;
}

/** The fraction behind a text; undefined when it is none or needs more than 53 bits. */
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

function checked(numerator: number, denominator: number): Fraction | undefined {
  if (!Number.isSafeInteger(numerator) || !Number.isSafeInteger(denominator) || denominator === 0)
    return undefined;
  return { numerator, denominator };
}
