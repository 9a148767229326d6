// Owns the frame of what opens beside the stage (on a phone: over it).
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { Icon } from './icons.tsx';

export type PanelName = 'chat' | 'people' | 'picture' | 'statistics';

export interface PanelProps {
  readonly title: string;
  readonly wide?: boolean;
  /** On a phone it leaves the upper half of the stage in sight. */
  readonly sheet?: boolean;
  /** Something inside takes the focus itself. */
  readonly focused?: boolean;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

export function Panel({
  title,
  wide = false,
  sheet = false,
  focused = false,
  onClose,
  children,
}: PanelProps) {
  const closer = useRef<HTMLButtonElement>(null);
  // At once, so that the next key goes where it belongs.
  useLayoutEffect(() => {
    if (!focused) closer.current?.focus({ preventScroll: true });
  }, []);
  return (
    <aside class={`panel ${wide ? 'wide' : ''} ${sheet ? 'sheet' : ''}`} aria-label={title}>
      <header class="panel-head">
        <h2>{title}</h2>
        <button ref={closer} type="button" class="tool" aria-label={`Close ${title}`} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {children}
    </aside>
  );
}
