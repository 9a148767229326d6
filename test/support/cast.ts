// Owns how test participants look and sound: a colour and a tone each, far enough apart to be told from one another after
// scaling, mixing and compression. It is plain data.

export interface Look {
  readonly name: string;
  readonly color: readonly [red: number, green: number, blue: number];
  /** No tone is a multiple, sum or difference of others: a mixer that distorts is not taken for one that mixes. */
  readonly toneHz: number;
}

export const cast = [
  { name: 'red', color: [208, 32, 32], toneHz: 431 },
  { name: 'green', color: [32, 160, 48], toneHz: 617 },
  { name: 'blue', color: [40, 64, 208], toneHz: 859 },
  { name: 'yellow', color: [208, 192, 32], toneHz: 1153 },
  { name: 'magenta', color: [192, 40, 176], toneHz: 1523 },
  { name: 'cyan', color: [32, 176, 192], toneHz: 1979 },
] as const satisfies readonly Look[];

export type LookName = (typeof cast)[number]['name'];

export function lookOf(name: LookName): Look {
  const found = cast.find((look) => look.name === name);
  if (found === undefined) throw new Error(`nobody looks ${name}`);
  return found;
}
