// Owns the stage of who watches the mixed picture: the one large picture with what lies over it, and beside it the screens
// that are shared outside of it.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Meeting } from '../model/meeting.ts';
import type { Figure } from '../model/place.ts';
import { mixedVideoTrack } from '../model/quality.ts';
import { useChanges } from '../model/change.ts';
import { Alone } from './alone.tsx';
import { CastList } from './cast-list.tsx';
import { Icon } from './icons.tsx';
import { nameOf, Regions } from './regions.tsx';
import { SelfTile } from './self-tile.tsx';
import { TileView } from './tile.tsx';
import { Video } from './video.tsx';

const usualSize = { width: 4, height: 3 };

export function MixedStage({ meeting }: { readonly meeting: Meeting }) {
  useChanges(meeting.meters.speaking);
  const [screenFirst, setScreenFirst] = useState(true);
  const [picked, setPicked] = useState<string | undefined>(undefined);
  const { mixing, people } = meeting;
  const places = mixing?.places ?? [];
  const screens = meeting.tiles.filter((tile) => meeting.subscription(tile) !== undefined);
  const held = [...places.flatMap(({ figure }) => figure ?? []), ...(mixing?.waiting ?? [])].find(
    ({ stream }) => stream === picked,
  );
  useEffect(() => {
    if (held === undefined && picked !== undefined) setPicked(undefined);
  }, [held]);
  const pick = (figure: Figure | undefined): void => setPicked(figure?.stream);
  const outside =
    meeting.publication?.state.phase === 'live' &&
    mixing?.isMixed('camera') === false &&
    !mixing.wishes('camera');
  const [screen] = screens;
  return (
    <div class={`stage mixed ${screen === undefined ? '' : screenFirst ? 'screen-large' : 'screen-small'}`}>
      <div class="picture-area">
        <Picture meeting={meeting} picked={held} onPick={pick} />
        {outside && <SelfTile meeting={meeting} floating />}
      </div>
      {screen !== undefined && (
        <div class="screen-area">
          <TileView
            key={screen.key}
            meeting={meeting}
            tile={screen}
            pinned={screenFirst}
            onPin={() => setScreenFirst(!screenFirst)}
          />
        </div>
      )}
      <CastList meeting={meeting} picked={held} onPick={pick} />
      {people.length === 1 && <Alone meeting={meeting} />}
    </div>
  );
}

interface PictureProps {
  readonly meeting: Meeting;
  /** Who was picked to change places. */
  readonly picked: Figure | undefined;
  readonly onPick: (figure: Figure | undefined) => void;
}

function Picture({ meeting, picked, onPick }: PictureProps) {
  const figure = useRef<HTMLElement>(null);
  const [named, setNamed] = useState(true);
  const [seen, setSeen] = useState<{ width: number; height: number } | undefined>(undefined);
  const { watching, mixing, conference } = meeting;
  const stream = mixing?.stream;
  const wanted = stream === undefined ? undefined : mixedVideoTrack(stream)?.parameters?.resolution;
  const { width, height } = seen ?? wanted ?? usualSize;
  const places = mixing?.places ?? [];
  const empty = places.every((place) => place.figure === undefined);
  const stale =
    conference?.connectionState.phase === 'reconnecting' || conference?.linkState.phase === 'recovering';
  const talks = (who: Figure): boolean => who.speaks && meeting.speaks(who.participant);
  return (
    <figure
      ref={figure}
      class={`tile picture ${stale ? 'stale' : ''}`}
      style={{ '--ratio': `${width / height}` }}
      aria-label="Mixed picture"
    >
      <Video
        media={watching?.mixed?.media}
        whole
        expected={!empty}
        waitingFor="The picture is on its way"
        label="Everybody in one picture"
        onSize={(wide, high) => setSeen({ width: wide, height: high })}
      />
      {empty && (
        <div class="cover">
          <Icon name="people" />
          <span class="cover-note">Nobody is in the picture yet</span>
        </div>
      )}
      <Regions
        places={places}
        named={named}
        picked={picked}
        talks={talks}
        onPick={onPick}
        onMove={(who, to) => void meeting.attempt(mixing?.exchange(who, to))}
      />
      <div class="tile-tools">
        <button
          type="button"
          class="tool"
          aria-pressed={named}
          title={named ? 'Hide names' : 'Show names'}
          aria-label="Names"
          onClick={() => setNamed(!named)}
        >
          <Icon name="tag" />
        </button>
        <button
          type="button"
          class="tool"
          title="Fill the screen"
          aria-label="Fill the screen"
          onClick={() => void fillScreen(figure.current)}
        >
          <Icon name="expand" />
        </button>
      </div>
      {picked !== undefined && (
        <p class="move-hint" role="status">
          <span>
            Choose who changes places with <b>{nameOf(picked)}</b>
          </span>
          <button type="button" class="tool" aria-label="Do not move" onClick={() => onPick(undefined)}>
            <Icon name="close" />
          </button>
        </p>
      )}
    </figure>
  );
}

async function fillScreen(element: HTMLElement | null): Promise<void> {
  try {
    if (document.fullscreenElement === null) await element?.requestFullscreen();
    else await document.exitFullscreen();
  } catch {
    // A browser that does not let a page do so keeps it as it is.
  }
}
