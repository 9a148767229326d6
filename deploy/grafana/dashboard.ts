// Owns what a dashboard of ours is made of, and its form as Grafana (10 or newer) imports it. What is shown is in the files
// beside it.
import type { Panel } from './panel.ts';

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  /** PromQL selector whose instances can be chosen, e.g. `sluice_process_info{process="edge"}`; absent: no choice. */
  readonly instances?: string;
  readonly rows: readonly Row[];
}

type Json = Readonly<Record<string, unknown>>;

const columns = 24;
const sizes = { stat: { w: 4, h: 4 }, timeseries: { w: 8, h: 8 } };
const datasource = { type: 'prometheus', uid: '${datasource}' };

/** The dashboard as JSON. */
export function grafanaJson({ uid, title, about, instances, rows }: Dashboard): Json {
  return {
    uid,
    title,
    description: about,
    tags: ['sluice'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    timezone: 'browser',
    annotations: { list: [restarts] },
    links: [
      {
        type: 'dashboards',
        title: 'Sluice',
        tags: ['sluice'],
        asDropdown: true,
        includeVars: true,
        keepTime: true,
      },
    ],
    templating: { list: [datasourceChoice, ...(instances === undefined ? [] : [instanceChoice(instances)])] },
    panels: panelsOf(rows),
  };
}

const restarts = {
  name: 'Starts',
  datasource,
  enable: true,
  iconColor: 'orange',
  expr: 'changes(sluice_process_start_time_seconds[1m]) > 0',
  titleFormat: 'started',
  textFormat: '{{instance}}',
};

const datasourceChoice = {
  name: 'datasource',
  label: 'Prometheus',
  type: 'datasource',
  query: 'prometheus',
  current: {},
};

function instanceChoice(selector: string): Json {
  const query = `label_values(${selector}, instance)`;
  return {
    name: 'instance',
    label: 'Instance',
    type: 'query',
    datasource,
    query: { query, refId: 'instances' },
    definition: query,
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: ['All'], value: ['$__all'] },
  };
}

/** Rows below each other, panels from left to right. */
function panelsOf(rows: readonly Row[]): readonly Json[] {
  const placed: Json[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    placed.push({
      id: placed.length + 1,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: columns, h: 1 },
      panels: [],
    });
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of panels) {
      const { w, h } = sizes[panel.kind];
      if (x + w > columns) {
        x = 0;
        y += height;
        height = 0;
      }
      placed.push({ id: placed.length + 1, ...panelJson(panel), gridPos: { x, y, w, h } });
      x += w;
      height = Math.max(height, h);
    }
    y += height;
  }
  return placed;
}

function panelJson({ title, unit, queries, kind, about, max }: Panel): Json {
  return {
    type: kind,
    title,
    ...(about === undefined ? {} : { description: about }),
    datasource,
    targets: Object.entries(queries).map(([legendFormat, expr], index) => ({
      refId: String.fromCharCode(65 + index),
      datasource,
      expr,
      legendFormat,
      range: kind === 'timeseries',
      instant: kind === 'stat',
    })),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        ...(max === undefined ? {} : { max }),
        ...(kind === 'timeseries' ? { custom: { fillOpacity: 8, lineWidth: 1, showPoints: 'never' } } : {}),
      },
      overrides: [],
    },
    options:
      kind === 'stat'
        ? { reduceOptions: { calcs: ['lastNotNull'] }, colorMode: 'value', graphMode: 'none' }
        : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  };
}
