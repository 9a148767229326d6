// Owns what can be chosen about the mixed picture: its layout, who is in front, what of our own is in it, its quality.
import type { Meeting } from '../model/meeting.ts';
import type { LayoutChoice } from '../model/layout-choice.ts';
import { rectangleOf } from '../model/place.ts';
import { chooseQuality, chosenValue, mixedVideoTrack, qualityOptions } from '../model/quality.ts';
import type { QualityOptions } from '../model/quality.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icons.tsx';
import { Panel } from './panel.tsx';
import { nameOf } from './regions.tsx';

interface Props {
  readonly meeting: Meeting;
}

export function PicturePanel({ meeting, onClose }: Props & { readonly onClose: () => void }) {
  return (
    <Panel title="Picture" sheet onClose={onClose}>
      <div class="picture-panel">
        <Layouts meeting={meeting} />
        <Cast meeting={meeting} />
        <Qualities meeting={meeting} />
        <Own meeting={meeting} />
      </div>
    </Panel>
  );
}

function Layouts({ meeting }: Props) {
  const { mixing } = meeting;
  const choices = mixing?.choices ?? [];
  const chosen = mixing?.chosen;
  const waiting = mixing?.waiting ?? [];
  const [grid] = choices;
  return (
    <section>
      <h3 id="layouts">Layout</h3>
      <div class="layouts" role="group" aria-labelledby="layouts">
        {choices.map((choice) => (
          <button
            key={choice.key}
            type="button"
            class="layout"
            aria-pressed={choice.key === chosen?.key}
            onClick={() => void meeting.attempt(mixing?.choose(choice))}
          >
            <Thumbnail choice={choice} />
            {choice.name}
          </button>
        ))}
      </div>
      {waiting.length > 0 && grid !== undefined && (
        <div class="notice">
          <p>{waiting.map(nameOf).join(', ')} without a place.</p>
          <button type="button" class="button" onClick={() => void meeting.attempt(mixing?.choose(grid))}>
            Make room
          </button>
        </div>
      )}
      <p class="panel-hint">
        For everybody in the room. Once chosen, a layout stays as people come and go, until the room is opened
        anew.
      </p>
    </section>
  );
}

function Thumbnail({ choice: { regions } }: { readonly choice: LayoutChoice }) {
  return (
    <svg class="thumbnail" viewBox="0 0 64 48" aria-hidden="true">
      {regions.map((region) => {
        const { left, top, width, height } = rectangleOf(region);
        return (
          <rect
            key={region.id}
            x={left * 64 + 1}
            y={top * 48 + 1}
            width={Math.max(0, width * 64 - 2)}
            height={Math.max(0, height * 48 - 2)}
            rx="2.5"
          />
        );
      })}
    </svg>
  );
}

function Cast({ meeting }: Props) {
  const { mixing } = meeting;
  const places = mixing?.places ?? [];
  const [front] = places;
  const shown = places.filter(({ figure }) => figure !== undefined);
  const outside = mixing?.outside ?? [];
  if (front === undefined || shown.length + outside.length < 2) return null;
  return (
    <section>
      <h3>Who is where</h3>
      <ul class="where">
        {shown.map((place) => {
          const { figure, region, index } = place;
          if (figure === undefined) return null;
          return (
            <li key={region} class="person">
              <Avatar name={figure.name} small />
              <span class="person-name">
                {nameOf(figure)}
                <small class="person-role">Place {index + 1}</small>
              </span>
              {place !== front && (
                <button
                  type="button"
                  class="tool"
                  title="To the first place"
                  aria-label={`${nameOf(figure)} to the first place`}
                  onClick={() => void meeting.attempt(mixing?.exchange(figure, front))}
                >
                  <Icon name="front" />
                </button>
              )}
            </li>
          );
        })}
        {outside.map((figure) => (
          <li key={figure.stream} class="person">
            <Avatar name={figure.name} small />
            <span class="person-name">
              {nameOf(figure)}
              <small class="person-role">Not in the picture</small>
            </span>
            <button
              type="button"
              class="tool"
              title="Take into the picture"
              aria-label={`Take ${nameOf(figure)} into the picture`}
              onClick={() => void meeting.attempt(mixing?.takeIn(figure))}
            >
              <Icon name="plus" />
            </button>
          </li>
        ))}
      </ul>
      <p class="panel-hint">Or drag one onto another in the picture; a tap on each does too.</p>
    </section>
  );
}

const parts: readonly (readonly [keyof QualityOptions, string])[] = [
  ['resolution', 'Size'],
  ['framerate', 'Frame rate'],
  ['bitrate', 'Bitrate'],
  ['codec', 'Codec'],
];

function Qualities({ meeting }: Props) {
  const { watching, mixing } = meeting;
  const track = mixing?.stream === undefined ? undefined : mixedVideoTrack(mixing.stream);
  if (track === undefined || watching === undefined) return null;
  const options = qualityOptions(track, receives);
  return (
    <section>
      <h3>Quality</h3>
      <div class="fields">
        {parts.map(([part, label]) => (
          <label key={part} class="field">
            <span>{label}</span>
            <select
              name={part}
              value={chosenValue(watching.quality, part)}
              disabled={watching.changing || options[part].length < 2}
              onChange={({ currentTarget }) =>
                void meeting.attempt(
                  watching.choose(chooseQuality(watching.quality, part, currentTarget.value)),
                )
              }
            >
              {options[part].map(({ value, label: text }) => (
                <option key={value} value={value}>
                  {text}
                </option>
              ))}
            </select>
          </label>
        ))}
      </div>
      <p class="panel-hint">For you alone.</p>
    </section>
  );
}

function Own({ meeting }: Props) {
  const { mixing } = meeting;
  if (mixing === undefined || !meeting.parameters.publish) return null;
  return (
    <section>
      <h3>Yours in the picture</h3>
      {(['camera', 'screen'] as const).map((kind) => (
        <label key={kind} class="switch">
          <span>{kind === 'camera' ? 'Camera and microphone' : 'Shared screen'}</span>
          <input
            type="checkbox"
            role="switch"
            checked={mixing.wishes(kind)}
            onChange={({ currentTarget }) => meeting.setMixed(kind, currentTarget.checked)}
          />
        </label>
      ))}
    </section>
  );
}

function receives(codec: string): boolean {
  const codecs = RTCRtpReceiver.getCapabilities('video')?.codecs ?? [];
  return codecs.some(({ mimeType }) => mimeType.toLowerCase() === `video/${codec}`);
}
