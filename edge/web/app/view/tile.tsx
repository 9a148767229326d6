// Owns one tile of the stage: picture or initials, name, state of microphone, and what can be done with it.
import { useEffect, useRef, useState } from 'preact/hooks';
import type { VideoTrackInfo } from '../../../../schemas/media.ts';
import { useChanges } from '../model/change.ts';
import type { Meeting } from '../model/meeting.ts';
import type { Tile } from '../model/tiles.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icons.tsx';
import { Video } from './video.tsx';

export interface TileProps {
  readonly meeting: Meeting;
  readonly tile: Tile;
  readonly pinned: boolean;
  /** One of the small ones beside a large one: a click anywhere enlarges it. */
  readonly small?: boolean;
  readonly onPin: () => void;
}

export function TileView({ meeting, tile, pinned, small = false, onPin }: TileProps) {
  useChanges(meeting.meters.speaking);
  const subscription = meeting.subscription(tile);
  const speaking = tile.stream !== undefined && meeting.meters.speaks(tile.stream.id);
  const paused = subscription?.isPaused('video') === true;
  const shows = tile.video === 'on' && !paused;
  const screen = tile.purpose === 'screen';
  const name = screen ? `${tile.name}’s screen` : tile.name;
  return (
    <figure
      class={`tile ${speaking ? 'speaking' : ''} ${screen ? 'screen' : ''}`}
      onClick={(event) => {
        if (small && !(event.target instanceof Element && event.target.closest('button') !== null)) onPin();
      }}
      aria-label={`${name}${tile.audio === 'muted' ? ', microphone off' : ''}${speaking ? ', speaking' : ''}`}
    >
      <Video media={subscription?.media} whole={screen} expected={shows} label={`Picture of ${name}`} />
      {!shows && (
        <div class="cover">
          <Avatar name={tile.name} />
          {paused && <span class="cover-note">Paused by you</span>}
        </div>
      )}
      <div class="tile-tools">
        {tile.video !== 'none' && (
          <button
            type="button"
            class="tool"
            aria-pressed={paused}
            title={paused ? `Show ${name} again` : `Pause ${name}`}
            aria-label={paused ? `Show ${name} again` : `Pause ${name}`}
            onClick={() => void meeting.setWatched(tile, paused)}
          >
            <Icon name={paused ? 'play' : 'pause'} />
          </button>
        )}
        <Layers meeting={meeting} tile={tile} />
        <button
          type="button"
          class="tool"
          aria-pressed={pinned}
          title={pinned ? 'Back to the grid' : `Enlarge ${name}`}
          aria-label={pinned ? 'Back to the grid' : `Enlarge ${name}`}
          onClick={onPin}
        >
          <Icon name="pin" />
        </button>
      </div>
      <figcaption class="plate">
        {screen ? <Icon name="screen" /> : tile.audio !== 'on' && <Icon name="mic-off" />}
        <span class="plate-name">{name}</span>
        {speaking && <Bars />}
      </figcaption>
    </figure>
  );
}

/** Moving bars beside the name of who speaks; `still` ones of who spoke last. */
export function Bars({ still = false }: { readonly still?: boolean }) {
  return (
    <span class={`bars ${still ? 'still' : ''}`} aria-hidden="true">
      <i />
      <i />
      <i />
    </span>
  );
}

/** The choice among the layers of a simulcast picture; nothing where there is but one. */
function Layers({ meeting, tile }: { readonly meeting: Meeting; readonly tile: Tile }) {
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!open) return;
    const close = (event: Event): void => {
      if (event instanceof KeyboardEvent ? event.key === 'Escape' : !inside(box.current, event.target))
        setOpen(false);
    };
    document.addEventListener('pointerdown', close);
    document.addEventListener('keydown', close);
    return () => {
      document.removeEventListener('pointerdown', close);
      document.removeEventListener('keydown', close);
    };
  }, [open]);
  const layers = (tile.stream?.media.tracks ?? []).filter(
    (track): track is VideoTrackInfo => track.type === 'video' && track.rid !== undefined,
  );
  if (layers.length < 2) return null;
  const chosen = meeting.subscription(tile)?.options.layer;
  return (
    <div class="layers" ref={box}>
      <button
        type="button"
        class="tool"
        aria-expanded={open}
        aria-haspopup="menu"
        title="Picture size"
        aria-label="Picture size"
        onClick={() => setOpen(!open)}
      >
        <Icon name="layers" />
      </button>
      {open && (
        <div class="menu" role="menu">
          {layers.map((track) => (
            <button
              key={track.id}
              type="button"
              role="menuitemradio"
              aria-checked={track.id === chosen}
              onClick={() => {
                setOpen(false);
                if (track.id !== undefined) void meeting.chooseLayer(tile, track.id);
              }}
            >
              {sizeOf(track)}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function inside(box: HTMLElement | null, target: EventTarget | null): boolean {
  return box !== null && target instanceof Node && box.contains(target);
}

function sizeOf({ parameters, rid }: VideoTrackInfo): string {
  const size = parameters?.resolution;
  return size === undefined ? `Layer ${rid ?? ''}` : `${size.width} × ${size.height}`;
}
