// Owns every way in which one field of a request can be wrong, found by walking the request's schema, for tests that each
// of them is answered.
import type * as v from 'valibot';

export type Path = readonly (string | number)[];

/** What stands in a field that should hold something else; `undefined` leaves the field out. */
const wrongs: readonly unknown[] = [
  undefined,
  null,
  true,
  -1,
  1e300,
  '',
  'x y',
  'x'.repeat(3000),
  [],
  {},
  [null],
  { extra: { extra: [] } },
];

export interface Breakage {
  readonly what: string;
  readonly data: unknown;
}

/** The sample with each of its fields, and the whole of it, wrong in each way, and with a field too many at each level. */
export function breakages(sample: unknown): readonly Breakage[] {
  const paths = pathsIn(sample);
  const replaced = paths.flatMap((path) =>
    wrongs.map((wrong) => ({
      what: `${name(path)} is ${text(wrong)}`,
      data: withValue(sample, path, wrong),
    })),
  );
  const extended = paths
    .filter((path) => isRecord(at(sample, path)))
    .map((path) => ({ what: `${name(path)} has more`, data: withValue(sample, [...path, 'unknown'], 1) }));
  return [...replaced, ...extended];
}

/** All fields that a schema knows, arrays by their first entry; those of variants and unions together. */
export function fieldsOf(schema: v.GenericSchema, path: Path = []): readonly string[] {
  const own = path.length === 0 ? [] : [name(path)];
  const inner = innerOf(schema).flatMap(([key, each]) => fieldsOf(each, key === '' ? path : [...path, key]));
  return [...new Set([...own, ...inner])];
}

export function fieldsIn(samples: readonly unknown[]): readonly string[] {
  return [...new Set(samples.flatMap((sample) => pathsIn(sample).slice(1).map(name)))];
}

/** The schemas inside a schema, with the field they are for; '' for the same value. */
function innerOf(schema: v.GenericSchema): [string | number, v.GenericSchema][] {
  const parts = schema as unknown as {
    readonly entries?: Record<string, v.GenericSchema>;
    readonly item?: v.GenericSchema;
    readonly wrapped?: v.GenericSchema;
    readonly options?: readonly unknown[];
    readonly pipe?: readonly v.GenericSchema[];
  };
  const options = (parts.options ?? []).filter((each): each is v.GenericSchema => isRecord(each));
  const [piped] = parts.pipe ?? [];
  return [
    ...Object.entries(parts.entries ?? {}),
    ...(parts.item === undefined ? [] : [[0, parts.item] as [number, v.GenericSchema]]),
    ...[parts.wrapped, ...options, piped === schema ? undefined : piped]
      .filter((each) => each !== undefined)
      .map((each): [string, v.GenericSchema] => ['', each]),
  ];
}

function pathsIn(value: unknown, path: Path = []): readonly Path[] {
  if (Array.isArray(value)) return [path, ...(value.length === 0 ? [] : pathsIn(value[0], [...path, 0]))];
  if (!isRecord(value)) return [path];
  return [path, ...Object.entries(value).flatMap(([key, each]) => pathsIn(each, [...path, key]))];
}

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>((each, key) => (isRecord(each) ? each[key] : undefined), value);
}

function withValue(value: unknown, [key, ...rest]: Path, wrong: unknown): unknown {
  if (key === undefined) return wrong;
  if (Array.isArray(value)) {
    return value.map((each: unknown, index) => (index === key ? withValue(each, rest, wrong) : each));
  }
  const copy: Record<string, unknown> = isRecord(value) ? { ...value } : {};
  const changed = withValue(copy[key], rest, wrong);
  if (changed === undefined) Reflect.deleteProperty(copy, key);
  else copy[key] = changed;
  return copy;
}

function isRecord(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null;
}

function name(path: Path): string {
  return path.length === 0 ? 'all of it' : path.join('.');
}

function text(value: unknown): string {
  return value === undefined ? 'missing' : JSON.stringify(value).slice(0, 30);
}
