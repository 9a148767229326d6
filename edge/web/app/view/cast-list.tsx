// Owns the list of who is in the mixed picture, for screens that are taller than wide and have room below it.
import type { Meeting } from '../model/meeting.ts';
import type { Figure, Place } from '../model/place.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icons.tsx';
import { nameOf } from './regions.tsx';
import { Bars } from './tile.tsx';

export interface CastListProps {
  readonly meeting: Meeting;
  readonly picked: Figure | undefined;
  readonly onPick: (figure: Figure | undefined) => void;
}

export function CastList({ meeting, picked, onPick }: CastListProps) {
  const { mixing } = meeting;
  const choose = (figure: Figure, place: Place | undefined): void => {
    if (picked === undefined) onPick(figure);
    else {
      onPick(undefined);
      if (picked.stream === figure.stream) return;
      const where = mixing?.places.find((each) => each.figure?.stream === picked.stream);
      // Of two, the one with a place gives it up.
      if (place !== undefined) void meeting.attempt(mixing?.exchange(picked, place));
      else if (where !== undefined) void meeting.attempt(mixing?.exchange(figure, where));
    }
  };
  const shown = (mixing?.places ?? []).flatMap((place) =>
    place.figure === undefined ? [] : [{ figure: place.figure, place }],
  );
  const waiting = (mixing?.waiting ?? []).map((figure) => ({ figure, place: undefined }));
  return (
    <ul class="cast" aria-label="In the picture">
      {[...shown, ...waiting].map(({ figure, place }) => (
        <li key={figure.stream}>
          <button
            type="button"
            class={`cast-entry ${figure.speaks ? 'speaks' : ''} ${picked?.stream === figure.stream ? 'picked' : ''}`}
            aria-pressed={picked?.stream === figure.stream}
            onClick={() => choose(figure, place)}
          >
            <Avatar name={figure.name} small />
            <span class="cast-name">
              {nameOf(figure)}
              {place === undefined && <small>Waits for a place</small>}
            </span>
            {figure.speaks && meeting.speaks(figure.participant) && <Bars />}
            {figure.audio === 'muted' && (
              <span class="mark off" title="Microphone off">
                <Icon name="mic-off" />
              </span>
            )}
            {figure.video === 'muted' && (
              <span class="mark off" title="Camera off">
                <Icon name="camera-off" />
              </span>
            )}
          </button>
        </li>
      ))}
    </ul>
  );
}
