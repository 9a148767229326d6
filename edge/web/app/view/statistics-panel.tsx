// Owns the statistics: curves of the last minute, and the present figures of every RTP stream.
import { useChanges } from '../model/change.ts';
import type { Meeting } from '../model/meeting.ts';
import type { Figure } from '../model/meters.ts';
import { Graph, lineColours } from './graph.tsx';
import { Panel } from './panel.tsx';

export function StatisticsPanel({
  meeting,
  onClose,
}: {
  readonly meeting: Meeting;
  readonly onClose: () => void;
}) {
  const { meters } = meeting;
  useChanges(meters.figures);
  return (
    <Panel title="Statistics" wide onClose={onClose}>
      <div class="statistics">
        <ul class="legend" aria-label="Colours">
          {meters.history.lines.map(({ key, label }, index) => (
            <li key={key}>
              <i style={{ background: lineColours[index % lineColours.length] ?? '' }} />
              {label}
            </li>
          ))}
        </ul>
        <div class="graphs">
          <Graph meters={meters} measure="bitrate" title="Bitrate" unit="kbit/s" least={100} />
          <Graph meters={meters} measure="frames" title="Frame rate" unit="1/s" least={30} />
          <Graph meters={meters} measure="loss" title="Loss" unit="%" least={5} />
          <Graph meters={meters} measure="roundTrip" title="Round trip" unit="ms" least={20} />
        </div>
        <div class="figures" tabIndex={0} role="region" aria-label="Figures">
          <table>
            <thead>
              <tr>
                <th scope="col">Stream</th>
                <th scope="col">Codec</th>
                <th scope="col">kbit/s</th>
                <th scope="col">Picture</th>
                <th scope="col">1/s</th>
                <th scope="col">Loss</th>
                <th scope="col">Jitter</th>
              </tr>
            </thead>
            <tbody>
              {meters.rows.map((row) => (
                <FigureRow key={`${row.label} ${row.direction} ${row.mid} ${row.rid ?? ''}`} row={row} />
              ))}
            </tbody>
          </table>
        </div>
      </div>
    </Panel>
  );
}

function FigureRow({ row }: { readonly row: Figure }) {
  const { label, direction, codec, bitrateBps, width, height, framesPerSecond, lossRatio, jitterMs, rid } =
    row;
  return (
    <tr>
      <th scope="row">
        <span aria-label={direction}>{direction === 'sent' ? '↑' : '↓'}</span> {label}
        {rid !== undefined && <small> {rid}</small>}
      </th>
      <td>{codec ?? '–'}</td>
      <td>{whole(bitrateBps === undefined ? undefined : bitrateBps / 1000)}</td>
      <td>{width === undefined ? '–' : `${width}×${height ?? 0}`}</td>
      <td>{whole(framesPerSecond)}</td>
      <td>{lossRatio === undefined ? '–' : `${(lossRatio * 100).toFixed(1)} %`}</td>
      <td>{jitterMs === undefined ? '–' : `${jitterMs.toFixed(0)} ms`}</td>
    </tr>
  );
}

function whole(value: number | undefined): string {
  return value === undefined ? '–' : value.toFixed(0);
}
