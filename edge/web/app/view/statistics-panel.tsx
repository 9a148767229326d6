// Owns the statistics: curves of the last minute, and the present figures of every RTP stream.
import { useEffect, useState } from 'preact/hooks';
import type { MixerStats } from '../../../../schemas/worker.ts';
import { useChanges } from '../model/change.ts';
import type { Meeting } from '../model/meeting.ts';
import type { Figure } from '../model/meters.ts';
import { mixerFigures, shortage } from '../model/mixer-figures.ts';
import { pictureFigures } from '../model/picture-figures.ts';
import type { FigureRow as PictureFigure } from '../model/picture-figures.ts';
import { Graph, lineColours } from './graph.tsx';
import { Icon } from './icons.tsx';
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
        <MixedFigures meeting={meeting} />
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

/** What arrives of the mixed picture, and what its mixer does; nothing where none is watched. */
function MixedFigures({ meeting }: { readonly meeting: Meeting }) {
  const { meters, watching, mixing, conference } = meeting;
  const [mixers, setMixers] = useState<readonly MixerStats[]>([]);
  useEffect(() => {
    const ask = (): void => {
      // A server that does not tell has nothing shown of it.
      conference?.mixerStats().then(setMixers, () => setMixers([]));
    };
    ask();
    return meters.figures.listen(ask);
  }, [conference]);
  const subscription = watching?.mixed;
  const mixed = mixing?.stream?.id;
  if (subscription === undefined || mixed === undefined) return null;
  const busy = shortage(mixers, mixed);
  const made = mixerFigures(mixers, mixed);
  return (
    <section class="picture-figures" aria-label="Mixed picture">
      <h3>Mixed picture</h3>
      <Figures rows={pictureFigures(meters.rows.filter(({ owner }) => owner === subscription))} />
      {busy !== undefined && (
        <p class="notice">
          <Icon name="warning" /> {busy}
        </p>
      )}
      {made.length > 0 && <h3>Its mixer</h3>}
      <Figures rows={made} />
    </section>
  );
}

function Figures({ rows }: { readonly rows: readonly PictureFigure[] }) {
  return (
    <dl>
      {rows.map(({ name, value, meaning }) => (
        <div key={name} title={meaning}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
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
