// Owns the pictures that a view is drawn on, one for each size in use, and turns what inputs show into layers.
import type { Resolution } from '../../schemas/media.ts';
import type { DesiredVideoMixer } from '../../schemas/worker.ts';
import type { EngineSession, Layer, Still, VideoCanvas } from '../engine/engine.ts';
import { fitTile } from '../engine/rectangles.ts';
import { avatarPicture, avatarSize, groundPicture, groundSize } from './avatar.ts';
import type { VideoInput } from './video-input.ts';

export interface Composed {
  readonly canvas: VideoCanvas;
  /** What was drawn on it, in order; nothing but the background is to be seen without any. */
  readonly layers: readonly Layer[];
}

export class Canvases {
  readonly #session: EngineSession;
  readonly #canvases = new Map<string, VideoCanvas>();
  #avatar: { readonly picture: Still; readonly ground: Still } | undefined;

  constructor(session: EngineSession) {
    this.#session = session;
  }

  /** Draws the inputs, in order, on the canvas of the size. */
  compose(size: Resolution, settings: DesiredVideoMixer, inputs: readonly VideoInput[]): Composed {
    const { background } = settings;
    const name = nameOf(size);
    const canvas = this.#canvases.get(name) ?? this.#session.canvas({ size, background });
    this.#canvases.set(name, canvas);
    canvas.setBackground(background);
    const layers = inputs.flatMap((input) => this.#layers(input, size, settings));
    canvas.compose(layers);
    return { canvas, layers };
  }

  /** Frees the canvases of all other sizes. */
  keep(sizes: readonly Resolution[]): void {
    const names = new Set(sizes.map(nameOf));
    for (const [name, canvas] of this.#canvases) {
      if (names.has(name)) continue;
      canvas.close();
      this.#canvases.delete(name);
    }
  }

  #layers(input: VideoInput, size: Resolution, { fit }: DesiredVideoMixer): readonly Layer[] {
    const { face } = input;
    const { region } = input.settings;
    const layer = (picture: Layer['picture'], policy: DesiredVideoMixer['fit']): readonly Layer[] => {
      const tile = picture.size === undefined ? undefined : fitTile(region, picture.size, size, policy);
      return tile === undefined ? [] : [{ picture, tile }];
    };
    switch (face.type) {
      case 'nothing':
        return [];
      case 'picture':
        return layer(face.decoder, fit);
      case 'avatar': {
        const { picture, ground } = this.#avatarStills();
        // All of the head is shown in any case; where tiles are filled, its ground fills this one.
        return [...(fit === 'crop' ? layer(ground, 'crop') : []), ...layer(picture, 'letterbox')];
      }
    }
  }

  #avatarStills(): { readonly picture: Still; readonly ground: Still } {
    this.#avatar ??= {
      picture: this.#session.still(avatarSize, avatarPicture()),
      ground: this.#session.still(groundSize, groundPicture()),
    };
    return this.#avatar;
  }
}

function nameOf({ width, height }: Resolution): string {
  return `${width}x${height}`;
}
