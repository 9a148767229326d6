// Owns how PromQL texts are held against METRICS.md: which metrics and labels they name that there are none of.

interface Metric {
  readonly type: string;
  readonly labels: readonly string[];
}

/** What Prometheus adds to every series. */
const everywhere = ['job', 'instance'];
const words = new Set([
  ...[
    'and',
    'or',
    'unless',
    'by',
    'without',
    'on',
    'ignoring',
    'group_left',
    'group_right',
    'offset',
    'bool',
  ],
  ...['sum', 'avg', 'min', 'max', 'count', 'rate', 'increase', 'changes', 'absent', 'histogram_quantile'],
]);

/** Metrics by name, from the tables of METRICS.md. */
export function documentedMetrics(markdown: string): ReadonlyMap<string, Metric> {
  const rows = markdown.matchAll(/^\| `(sluice_\w+)`\s*\| (\w+)\s*\| ([^|]*)\|/gm);
  return new Map(
    [...rows].map(([, name = '', type = '', labels = '']) => [
      name,
      { type, labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label) },
    ]),
  );
}

/** Names in `expr` that nothing answers to; `recorded` are those of recording rules. */
export function unknownNames(
  expr: string,
  metrics: ReadonlyMap<string, Metric>,
  recorded: ReadonlySet<string> = new Set(),
): readonly string[] {
  const unknown: string[] = [];
  const labels = new Set(everywhere);
  const bare = expr.replace(/"[^"]*"/g, '""').replace(/\[[^\]]*\]/g, '');
  const grouped: string[] = [];
  const outside = bare
    .replace(/\b(?:by|without|on|ignoring)\s*\(([^)]*)\)/g, (_, list: string) => {
      grouped.push(...list.split(',').map((label) => label.trim()));
      return '';
    })
    .replace(/([\w:]*)\{([^}]*)\}/g, (_, name: string, selectors: string) => {
      const found = selectors.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g);
      grouped.push(...[...found].map(([, label = '']) => label));
      return name;
    });
  for (const [name] of outside.matchAll(/[A-Za-z_:][\w:]*/g)) {
    if (words.has(name) || name === 'up' || recorded.has(name)) {
      if (recorded.has(name)) for (const label of ['purpose', 'direction']) labels.add(label);
      continue;
    }
    const base = /^(\w+)_(?:bucket|sum|count)$/.exec(name)?.[1];
    const metric = metrics.get(name) ?? metrics.get(base ?? '');
    if (metric === undefined || (metric.type === 'histogram') !== (metrics.get(name) === undefined)) {
      unknown.push(name);
      continue;
    }
    for (const label of metric.labels) labels.add(label);
    if (metric.type === 'histogram') labels.add('le');
  }
  return [...unknown, ...grouped.filter((label) => !labels.has(label))];
}
