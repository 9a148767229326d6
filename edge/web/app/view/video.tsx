// Owns a video element that shows a live stream, and asks for a click where the browser does not let it sound.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from './icons.tsx';

export interface VideoProps {
  readonly media: MediaStream | undefined;
  readonly muted?: boolean;
  readonly mirrored?: boolean;
  readonly whole?: boolean;
  /** Shows that a picture is on its way as long as none has come. */
  readonly expected?: boolean;
  /** Said beside the sign of waiting. */
  readonly waitingFor?: string;
  readonly label: string;
  /** The pictures' own size in pixels, whenever it changes. */
  readonly onSize?: (width: number, height: number) => void;
}

export function Video({
  media,
  muted = false,
  mirrored = false,
  whole = false,
  expected = false,
  waitingFor,
  label,
  onSize,
}: VideoProps) {
  const element = useRef<HTMLVideoElement>(null);
  const [blocked, setBlocked] = useState(false);
  const [shows, setShows] = useState(false);
  const play = (): void => {
    element.current?.play().then(
      () => setBlocked(false),
      // An interrupted start is followed by another.
      (error: unknown) => setBlocked(error instanceof Error && error.name === 'NotAllowedError'),
    );
  };
  // A subscription's stream stays the same object while its tracks come and go.
  const tracks = media?.getTracks().map(({ id }) => id) ?? [];
  useEffect(() => {
    const video = element.current;
    if (video === null) return;
    // A stream without tracks would hold up the page's load event for ever.
    const shown = tracks.length === 0 ? undefined : media;
    if (shown === undefined) setShows(false);
    video.srcObject = shown ?? null;
    if (shown !== undefined) play();
  }, [media, tracks.join(' ')]);
  return (
    <>
      <video
        ref={element}
        class={`${mirrored ? 'mirrored' : ''} ${whole ? 'whole' : ''}`}
        autoplay
        playsInline
        muted={muted}
        aria-label={label}
        onLoadedData={() => setShows(true)}
        onResize={({ currentTarget: { videoWidth, videoHeight } }) => {
          if (videoWidth > 0) onSize?.(videoWidth, videoHeight);
        }}
      />
      {expected && !shows && (
        <div class="cover faint">
          <span class="spinner" aria-label="Waiting for the picture" />
          {waitingFor !== undefined && <span class="cover-note">{waitingFor}</span>}
        </div>
      )}
      {blocked && (
        <button type="button" class="unblock" onClick={play}>
          <Icon name="sound" /> Turn sound on
        </button>
      )}
    </>
  );
}
