// Owns one chart of the statistics: uPlot, fed by the history, in the colours of the page.
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { Meters } from '../model/meters.ts';
import type { Measure } from '../model/history.ts';

export interface GraphProps {
  readonly meters: Meters;
  readonly measure: Measure;
  readonly title: string;
  readonly unit: string;
  /** The axis reaches at least this high. */
  readonly least: number;
}

export const lineColours = [
  '#14b8a6',
  '#3b82f6',
  '#f59e0b',
  '#ec4899',
  '#8b5cf6',
  '#84cc16',
  '#ef4444',
  '#06b6d4',
];

const height = 132;
const spanSeconds = 60;

export function Graph({ meters, measure, title, unit, least }: GraphProps) {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const target = box.current;
    if (target === null) return;
    let chart: uPlot | undefined;
    let drawn = '';
    const draw = (): void => {
      const data = meters.history.columns(measure);
      const labels = meters.history.lines.map(({ label }) => label);
      const identity = JSON.stringify(labels);
      if (chart === undefined || identity !== drawn) {
        chart?.destroy();
        chart = new uPlot(options(target, labels, unit, least), data, target);
        drawn = identity;
      } else chart.setData(data);
    };
    draw();
    const off = meters.figures.listen(draw);
    const observer = new ResizeObserver(() => chart?.setSize({ width: target.clientWidth, height }));
    observer.observe(target);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const recolour = (): void => {
      drawn = '';
      draw();
    };
    scheme.addEventListener('change', recolour);
    return () => {
      off();
      observer.disconnect();
      scheme.removeEventListener('change', recolour);
      chart?.destroy();
    };
  }, [meters, measure]);
  return (
    <section class="graph">
      <h3>
        {title} <small>{unit}</small>
      </h3>
      <div
        ref={box}
        class="graph-box"
        role="img"
        aria-label={`${title} of every stream over the last minute`}
      />
    </section>
  );
}

function options(target: HTMLElement, labels: readonly string[], unit: string, least: number): uPlot.Options {
  const style = getComputedStyle(target);
  const ink = style.getPropertyValue('--ink-soft').trim() || '#888';
  const grid = style.getPropertyValue('--line').trim() || '#8883';
  const axis = { stroke: ink, font: '11px system-ui, sans-serif', ticks: { show: false } };
  return {
    width: target.clientWidth,
    height,
    padding: [6, 14, 0, 0],
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    scales: {
      x: { time: false, range: [-spanSeconds, 0] },
      y: { range: (_chart, _from, to) => [0, Math.max(least, Number.isFinite(to) ? to * 1.15 : least)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 22,
        incrs: [15],
        values: (_chart, ticks) => ticks.map((tick) => (tick === 0 ? 'now' : `${tick} s`)),
      },
      { ...axis, grid: { stroke: grid, width: 1 }, size: 44, space: 32 },
    ],
    series: [
      {},
      ...labels.map((label, index) => ({
        label: `${label} (${unit})`,
        stroke: lineColours[index % lineColours.length] ?? ink,
        width: 2,
        points: { show: false },
        spanGaps: false,
      })),
    ],
  };
}
