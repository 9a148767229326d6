// Owns what this page watches of a room: the mixed picture, or everybody's own. It subscribes and lets go as the room
// changes, and goes over to everybody's own where nothing mixes.
import type { Conference, Subscription } from '../../../client/index.ts';
import { firstPicture } from './first-picture.ts';
import { mixedStream } from './place.ts';
import { wantedParameters } from './quality.ts';
import type { Quality } from './quality.ts';
import { wantedStreams } from './wanted.ts';

export interface WatchWish {
  readonly mode: 'mixed' | 'forward';
  /** Label of the view. */
  readonly view: string;
  /** Watch our own streams too, where each is watched by itself. */
  readonly self: boolean;
}

export type Watched =
  | { readonly mode: 'mixed' }
  | { readonly mode: 'forward'; readonly because: 'asked' | 'no-mixer' }
  | { readonly mode: 'forward'; readonly because: 'failed'; readonly reason: string };

export type WatchedConference = Pick<Conference, 'me' | 'streams' | 'subscribe'>;

export class Watching {
  readonly #conference: WatchedConference;
  readonly #wish: WatchWish;
  readonly #changed: () => void;
  readonly #pictureOf: (media: MediaStream) => Promise<void>;
  readonly #forward = new Map<string, Subscription>();
  /** Streams that would not be had. */
  readonly #refused = new Set<string>();
  #watched: Watched;
  #mixed: Subscription | undefined;
  #quality: Quality = {};
  #changing = false;
  #begun = false;

  /** `changed` is called whenever what is told here may be different; `pictureOf` waits for a stream's first picture. */
  constructor(
    conference: WatchedConference,
    wish: WatchWish,
    changed: () => void,
    pictureOf: (media: MediaStream) => Promise<void> = firstPicture,
  ) {
    this.#conference = conference;
    this.#wish = wish;
    this.#changed = changed;
    this.#pictureOf = pictureOf;
    this.#watched = wish.mode === 'mixed' ? { mode: 'mixed' } : { mode: 'forward', because: 'asked' };
  }

  get watched(): Watched {
    return this.#watched;
  }
  /** The mixed picture, if that is watched and asked for by now. */
  get mixed(): Subscription | undefined {
    return this.#mixed;
  }
  get quality(): Quality {
    return this.#quality;
  }
  /** A change of quality is under way. */
  get changing(): boolean {
    return this.#changing;
  }

  /** The subscription of a forward stream. */
  of(stream: string): Subscription | undefined {
    return this.#forward.get(stream);
  }

  /** Subscribes from now on. */
  begin(): void {
    this.#begun = true;
    this.follow();
  }

  /** Call it whenever the room's streams changed. */
  follow(): void {
    const { me, streams } = this.#conference;
    if (!this.#begun || me === undefined) return;
    for (const id of this.#refused) if (!streams.has(id)) this.#refused.delete(id);
    const mixed = mixedStream(streams.values(), this.#wish.view);
    this.#watched = this.#decide(mixed !== undefined);
    if (this.#watched.mode === 'mixed' && mixed !== undefined)
      this.#mixed ??= this.#watchMixed(mixed.id, this.#quality);
    const wanted = new Set(
      wantedStreams(streams.values(), {
        mixed: this.#watched.mode === 'mixed' ? mixed : undefined,
        me: me.id,
        self: this.#wish.self,
      }),
    );
    for (const [id, subscription] of this.#forward)
      if (!wanted.has(id)) {
        this.#forward.delete(id);
        subscription.stop();
      }
    for (const id of wanted) if (!this.#forward.has(id) && !this.#refused.has(id)) this.#watch(id);
    this.#changed();
  }

  /** Tries the mixed picture again after it failed. */
  retry(): void {
    if (this.#watched.mode !== 'forward' || this.#watched.because !== 'failed') return;
    this.#watched = { mode: 'mixed' };
    this.follow();
  }

  /** Has the mixed picture in another quality; throws the server's refusal, and then all is as before. */
  async choose(quality: Quality): Promise<void> {
    const before = this.#mixed;
    if (before === undefined || this.#changing) return;
    this.#changing = true;
    this.#changed();
    try {
      if (quality.codec === this.#quality.codec) await before.change(wantedParameters(quality));
      else await this.#exchange(before, quality);
      this.#quality = quality;
    } finally {
      this.#changing = false;
      this.#changed();
    }
  }

  #decide(mixes: boolean): Watched {
    const now = this.#watched;
    if (this.#wish.mode === 'forward' || (now.mode === 'forward' && now.because === 'failed')) return now;
    return mixes ? { mode: 'mixed' } : { mode: 'forward', because: 'no-mixer' };
  }

  #watchMixed(id: string, quality: Quality): Subscription {
    const subscription = this.#conference.subscribe(id, {
      parameters: wantedParameters(quality),
      ...(quality.codec === undefined ? {} : { videoCodec: quality.codec }),
    });
    subscription.events.on('media', this.#changed);
    subscription.events.on('state', (state) => {
      if (state.phase === 'ended' && this.#mixed === subscription) {
        this.#mixed = undefined;
        this.#watched = { mode: 'forward', because: 'failed', reason: state.reason };
        this.follow();
      }
      this.#changed();
    });
    return subscription;
  }

  /** Another codec takes another subscription; the old picture stays until the new one is there. */
  async #exchange(before: Subscription, quality: Quality): Promise<void> {
    const next = this.#watchMixed(before.stream.id, quality);
    await live(next);
    await this.#pictureOf(next.media);
    if (this.#mixed !== before) {
      next.stop();
      return;
    }
    this.#mixed = next;
    before.stop();
  }

  #watch(id: string): void {
    const subscription = this.#conference.subscribe(id);
    this.#forward.set(id, subscription);
    subscription.events.on('state', (state) => {
      if (state.phase === 'ended' && this.#forward.get(id) === subscription) {
        this.#forward.delete(id);
        this.#refused.add(id);
      }
      this.#changed();
    });
    subscription.events.on('media', this.#changed);
  }
}

/** Throws Error with the reason when the subscription ends before it was ever up. */
async function live({ events, state }: Subscription): Promise<void> {
  if (state.phase === 'live') return;
  await new Promise<void>((resolve, reject) => {
    const off = events.on('state', (next) => {
      if (next.phase === 'live') resolve();
      else if (next.phase === 'ended') reject(new Error(next.reason));
      else return;
      off();
    });
  });
}
