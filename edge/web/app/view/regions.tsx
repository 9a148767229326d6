// Owns what lies over the mixed picture: who is in which of its places, and exchanging two of them by dragging, by two
// taps or by keyboard.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { placeAt } from '../model/move.ts';
import type { Figure, Place } from '../model/place.ts';
import { Icon } from './icons.tsx';
import { Bars } from './tile.tsx';

export interface RegionsProps {
  readonly places: readonly Place[];
  /** Names are shown all the time, not only when pointed at. */
  readonly named: boolean;
  /** Who was picked to change places. */
  readonly picked: Figure | undefined;
  readonly talks: (figure: Figure) => boolean;
  readonly onPick: (figure: Figure | undefined) => void;
  readonly onMove: (figure: Figure, to: Place) => void;
}

interface Drag {
  readonly figure: Figure;
  /** Shares of the picture. */
  readonly x: number;
  readonly y: number;
  readonly target: Place | undefined;
}

/** A finger is never quite still. */
const dragFromPixels = 8;

export function Regions({ places, named, picked, talks, onPick, onMove }: RegionsProps) {
  const box = useRef<HTMLDivElement>(null);
  const pressed = useRef<{ figure: Figure; x: number; y: number } | undefined>(undefined);
  const dragged = useRef(false);
  const [drag, setDrag] = useState<Drag | undefined>(undefined);

  // Before the next key can come: an effect after painting let a quick Escape through.
  useLayoutEffect(() => {
    if (picked === undefined && drag === undefined) return;
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      event.stopPropagation();
      pressed.current = undefined;
      setDrag(undefined);
      onPick(undefined);
    };
    document.addEventListener('keydown', onKey, true);
    return () => document.removeEventListener('keydown', onKey, true);
  }, [picked?.stream, drag === undefined]);

  const dragAt = (event: PointerEvent): Drag | undefined => {
    const start = pressed.current;
    const area = box.current?.getBoundingClientRect();
    if (start === undefined || area === undefined) return undefined;
    if (drag === undefined && Math.hypot(event.clientX - start.x, event.clientY - start.y) < dragFromPixels)
      return undefined;
    const x = (event.clientX - area.left) / area.width;
    const y = (event.clientY - area.top) / area.height;
    const under = placeAt(places, x, y);
    const { figure } = start;
    const other = under?.figure !== undefined && under.figure.stream !== figure.stream;
    return { figure, x, y, target: other ? under : undefined };
  };
  const end = (): void => {
    pressed.current = undefined;
    setDrag(undefined);
  };
  const choose = (place: Place): void => {
    const { figure } = place;
    if (figure === undefined) return;
    if (picked === undefined) onPick(figure);
    else {
      onPick(undefined);
      if (picked.stream !== figure.stream) onMove(picked, place);
    }
  };

  return (
    <div
      ref={box}
      class={`regions ${named ? 'named' : ''} ${picked !== undefined || drag !== undefined ? 'moving' : ''}`}
      role="group"
      aria-label="Places of the picture"
    >
      {places.map((place) => (
        <Region
          key={place.region}
          place={place}
          picked={picked}
          talks={place.figure !== undefined && talks(place.figure)}
          look={lookOf(place, picked, drag)}
          onClick={() => {
            if (!dragged.current) choose(place);
            dragged.current = false;
          }}
          onPointerDown={(event) => {
            dragged.current = false;
            if (place.figure === undefined || event.button !== 0) return;
            pressed.current = { figure: place.figure, x: event.clientX, y: event.clientY };
            event.currentTarget.setPointerCapture(event.pointerId);
          }}
          onPointerMove={(event) => {
            const next = dragAt(event);
            if (next !== undefined) setDrag(next);
          }}
          onPointerUp={(event) => {
            const last = dragAt(event);
            end();
            if (last === undefined) return;
            dragged.current = true;
            if (last.target !== undefined) onMove(last.figure, last.target);
          }}
          onPointerCancel={end}
        />
      ))}
      {drag !== undefined && (
        <span class="drag" style={{ left: percent(drag.x), top: percent(drag.y) }} aria-hidden="true">
          {nameOf(drag.figure)}
        </span>
      )}
    </div>
  );
}

interface RegionProps {
  readonly place: Place;
  readonly picked: Figure | undefined;
  readonly talks: boolean;
  readonly look: string;
  readonly onClick: () => void;
  readonly onPointerDown: (event: PointerEvent & { readonly currentTarget: HTMLElement }) => void;
  readonly onPointerMove: (event: PointerEvent) => void;
  readonly onPointerUp: (event: PointerEvent) => void;
  readonly onPointerCancel: () => void;
}

function Region({ place, picked, talks, look, ...handlers }: RegionProps) {
  const { area, figure, region } = place;
  const style = {
    left: percent(area.left),
    top: percent(area.top),
    width: percent(area.width),
    height: percent(area.height),
  };
  if (figure === undefined) return <div class={`region ${look}`} style={style} data-region={region} />;
  const isPicked = figure.stream === picked?.stream;
  return (
    <button
      type="button"
      class={`region ${look}`}
      style={style}
      data-region={region}
      data-stream={figure.stream}
      aria-pressed={isPicked}
      aria-label={`${wordsOf(place, figure)}. ${intent(figure, picked)}`}
      {...handlers}
    >
      <span class="plate">
        {figure.purpose === 'screen' ? (
          <Icon name="screen" />
        ) : (
          figure.audio !== 'on' && <Icon name="mic-off" />
        )}
        {figure.video === 'muted' && <Icon name="camera-off" />}
        <span class="plate-name">{nameOf(figure)}</span>
        {talks && <Bars />}
      </span>
    </button>
  );
}

export function nameOf({ name, mine, purpose }: Figure): string {
  if (purpose === 'screen') return mine ? 'Your screen' : `${name}’s screen`;
  return mine ? 'You' : name;
}

function wordsOf({ index }: Place, figure: Figure): string {
  return [
    `Place ${index + 1}: ${nameOf(figure)}`,
    figure.speaks ? 'speaking' : '',
    figure.audio === 'muted' ? 'microphone off' : '',
    figure.video === 'muted' ? 'camera off' : '',
  ]
    .filter((word) => word !== '')
    .join(', ');
}

function intent({ stream }: Figure, picked: Figure | undefined): string {
  if (picked === undefined) return 'Press to move';
  return picked.stream === stream ? 'Press to leave in place' : 'Press to change places';
}

function lookOf({ figure, region }: Place, picked: Figure | undefined, drag: Drag | undefined): string {
  if (figure === undefined) return 'free';
  return [
    figure.speaks ? 'speaks' : '',
    figure.stream === (drag?.figure.stream ?? picked?.stream) ? 'picked' : '',
    drag?.target?.region === region ? 'target' : '',
  ]
    .filter((word) => word !== '')
    .join(' ');
}

function percent(share: number): string {
  return `${share * 100}%`;
}
