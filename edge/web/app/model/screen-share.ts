// Owns the screen that this page shows the others, a publication of its own beside the camera's.
import type { Conference, Publication, PublishOptions } from '../../../client/index.ts';
import { createSlides } from './synthetic.ts';
import type { Synthetic } from './synthetic.ts';
import { textOf } from './text-of.ts';

export interface ScreenShareOptions {
  /** Slides instead of a screen. */
  readonly synthetic: boolean;
  readonly codec: Pick<PublishOptions, 'videoCodec'>;
  /** The others are shown it. */
  readonly published: (publication: Publication) => void;
  /** It began or ended. */
  readonly changed: () => void;
  /** It could not be had, or not be published. */
  readonly problem: (text: string) => void;
}

interface Screen {
  readonly media: MediaStream;
  readonly slides: Synthetic | undefined;
  publication: Publication | undefined;
}

export class ScreenShare {
  readonly #options: ScreenShareOptions;
  #screen: Screen | undefined;

  constructor(options: ScreenShareOptions) {
    this.#options = options;
  }

  /** What is shown; absent while nothing is. */
  get media(): MediaStream | undefined {
    return this.#screen?.media;
  }

  /** Without a screen to share (or with `synthetic`) some slides, titled `name`. */
  async start(conference: Pick<Conference, 'publish'>, name: string): Promise<void> {
    if (this.#screen !== undefined) return;
    const screen = await this.#open(name);
    if (screen === undefined) return;
    const { codec, published, changed, problem } = this.#options;
    this.#screen = screen;
    changed();
    screen.media.getVideoTracks()[0]?.addEventListener('ended', () => this.stop());
    try {
      const publication = await conference.publish(screen.media, {
        videoSource: 'screen-cast',
        audioSource: 'screen-cast',
        ...codec,
        attributes: { purpose: 'screen' },
      });
      if (this.#screen === screen) {
        screen.publication = publication;
        published(publication);
      } else publication.stop();
    } catch (error) {
      this.stop();
      problem(`The screen could not be shared: ${textOf(error)}`);
    }
  }

  /** Idempotent. */
  stop(): void {
    const screen = this.#screen;
    if (screen === undefined) return;
    this.#screen = undefined;
    screen.publication?.stop();
    screen.slides?.close();
    for (const track of screen.media.getTracks()) track.stop();
    this.#options.changed();
  }

  async #open(name: string): Promise<Screen | undefined> {
    const { synthetic, problem } = this.#options;
    if (!synthetic && 'getDisplayMedia' in navigator.mediaDevices) {
      try {
        const media = await navigator.mediaDevices.getDisplayMedia({ video: true, audio: true });
        const track = media.getVideoTracks()[0];
        if (track !== undefined) track.contentHint = 'detail';
        return { media, slides: undefined, publication: undefined };
      } catch (error) {
        // Thinking better of it is no problem to tell of.
        if (!(error instanceof Error && error.name === 'NotAllowedError')) problem(textOf(error));
        return undefined;
      }
    }
    const slides = createSlides(name);
    return { media: slides.media, slides, publication: undefined };
  }
}
