// Owns, for tests, reading Prometheus' text format as strictly as Prometheus does: what it takes for a mistake throws.

export interface Scraped {
  readonly type: string;
  readonly help: string;
  /** By labels as text, `a="1",b="2"`; of histograms by suffix too: `_bucket{le="1"}`. */
  readonly samples: ReadonlyMap<string, number>;
}

const commentLine = /^# (HELP|TYPE) ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+)$/;
const sampleLine = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/;
const label = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(?:,|$)/;
const types = new Set(['counter', 'gauge', 'histogram']);

/** The metrics of a scrape by name. Throws an Error that shows the first line that is wrong. */
export function readScrape(text: string): ReadonlyMap<string, Scraped> {
  if (!text.endsWith('\n')) throw new Error('no line feed at the end');
  const found = new Map<string, { type: string; help: string; samples: Map<string, number> }>();
  let current = '';
  for (const line of text.slice(0, -1).split('\n')) {
    const wrong = (why: string) => new Error(`${why}: ${line}`);
    const [, what, commented = '', rest = ''] = commentLine.exec(line) ?? [];
    if (what === 'HELP') {
      if (found.has(commented)) throw wrong('a family twice');
      found.set(commented, { type: '', help: rest, samples: new Map() });
      current = commented;
      continue;
    }
    const family = found.get(current);
    if (what === 'TYPE') {
      if (family === undefined || commented !== current || family.type !== '' || !types.has(rest))
        throw wrong('a type');
      family.type = rest;
      continue;
    }
    const [, name, labels = '', value = ''] = sampleLine.exec(line) ?? [];
    if (name === undefined || family === undefined || family.type === '') throw wrong('no sample');
    const suffix = name.slice(current.length);
    const suffixes = family.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    if (!name.startsWith(current) || !suffixes.includes(suffix)) throw wrong('a sample of another family');
    checkLabels(labels, wrong);
    const number = Number(value);
    if (value === '' || !Number.isFinite(number)) throw wrong('no number');
    if (family.type !== 'gauge' && number < 0) throw wrong('below zero');
    const key = suffix === '' ? labels : `${suffix}{${labels}}`;
    if (family.samples.has(key)) throw wrong('a sample twice');
    family.samples.set(key, number);
  }
  for (const [name, { type, samples }] of found) if (type === 'histogram') checkBuckets(name, samples);
  return found;
}

function checkLabels(text: string, wrong: (why: string) => Error): void {
  const names = new Set<string>();
  for (let rest = text; rest !== '';) {
    const [whole, name] = label.exec(rest) ?? [];
    if (whole === undefined || name === undefined) throw wrong('a label');
    if (names.has(name)) throw wrong('a label twice');
    names.add(name);
    rest = rest.slice(whole.length);
  }
}

/** Buckets only grow, and the last one is the count. */
function checkBuckets(name: string, samples: ReadonlyMap<string, number>): void {
  const last = new Map<string, number>();
  for (const [key, value] of samples) {
    const [, labels = '', bound] = /^_bucket\{(.*?),?le="([^"]+)"\}$/.exec(key) ?? [];
    if (bound === undefined) continue;
    if (value < (last.get(labels) ?? 0)) throw new Error(`${name}: buckets that fall at ${key}`);
    last.set(labels, value);
    if (bound === '+Inf' && samples.get(`_count{${labels}}`) !== value)
      throw new Error(`${name}: the count of ${labels}`);
  }
}
