// Owns a video element that shows a live stream, and asks for a click where the browser does not let it sound.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Icon } from './icons.tsx';

export interface VideoProps {
  readonly media: MediaStream | undefined;
  readonly muted?: boolean;
  readonly mirrored?: boolean;
  readonly whole?: boolean;
  readonly label: string;
}

export function Video({ media, muted = false, mirrored = false, whole = false, label }: VideoProps) {
  const element = useRef<HTMLVideoElement>(null);
  const [blocked, setBlocked] = useState(false);
  const play = (): void => {
    element.current?.play().then(
      () => setBlocked(false),
      // An interrupted start is followed by another.
      (error: unknown) => setBlocked(error instanceof Error && error.name === 'NotAllowedError'),
    );
  };
  useEffect(() => {
    const video = element.current;
    if (video === null) return;
    video.srcObject = media ?? null;
    if (media !== undefined) play();
  }, [media]);
  return (
    <>
      <video
        ref={element}
        class={`${mirrored ? 'mirrored' : ''} ${whole ? 'whole' : ''}`}
        autoplay
        playsInline
        muted={muted}
        aria-label={label}
      />
      {blocked && (
        <button type="button" class="unblock" onClick={play}>
          <Icon name="sound" /> Turn sound on
        </button>
      )}
    </>
  );
}
