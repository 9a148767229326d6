// Owns which stage is shown, and of everybody one by one where the tiles go: a grid that fills the space, or one large picture with the others beside it.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { fitGrid } from '../model/grid.ts';
import type { Meeting } from '../model/meeting.ts';
import { Alone } from './alone.tsx';
import { MixedStage } from './mixed-stage.tsx';
import { SelfTile } from './self-tile.tsx';
import { TileView } from './tile.tsx';

const gap = 10;

export function Stage({ meeting }: { readonly meeting: Meeting }) {
  return meeting.watching?.watched.mode === 'mixed' ? (
    <MixedStage meeting={meeting} />
  ) : (
    <TileStage meeting={meeting} />
  );
}

function TileStage({ meeting }: { readonly meeting: Meeting }) {
  const area = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  /** `''` is the grid by wish; undefined leaves the choice to what is shared. */
  const [pinned, setPinned] = useState<string | undefined>(undefined);
  useLayoutEffect(() => {
    if (area.current === null) return;
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) setSize({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(area.current);
    return () => observer.disconnect();
  }, []);

  const { tiles } = meeting;
  const shared = tiles.find(({ purpose }) => purpose === 'screen');
  const large = tiles.find(({ key }) => key === pinned) ?? (pinned === '' ? undefined : shared);
  const small = tiles.filter((tile) => tile !== large);
  const floating = large === undefined && tiles.length === 1;
  const fitted = fitGrid(floating ? 1 : tiles.length + 1, size.width, size.height, gap);
  const spotlight = size.width > size.height ? 'spotlight beside' : 'spotlight below';
  return (
    <div
      ref={area}
      class={`stage ${large === undefined ? '' : spotlight}`}
      style={{ '--tile-width': `${fitted.width}px`, '--tile-height': `${fitted.height}px` }}
    >
      {large !== undefined && (
        <div class="large">
          <TileView key={large.key} meeting={meeting} tile={large} pinned onPin={() => setPinned('')} />
        </div>
      )}
      <div class="tiles">
        {small.map((tile) => (
          <TileView
            key={tile.key}
            meeting={meeting}
            tile={tile}
            pinned={false}
            small={large !== undefined}
            onPin={() => setPinned(tile.key)}
          />
        ))}
        {!floating && <SelfTile meeting={meeting} floating={false} />}
      </div>
      {floating && <SelfTile meeting={meeting} floating />}
      {tiles.length === 0 && <Alone meeting={meeting} />}
    </div>
  );
}
