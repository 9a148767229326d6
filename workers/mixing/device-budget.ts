// Owns whether a worker's mixers may use its device: whether that is used at all, and how much of it they take, by measured
// time of its engine. What has no room there is made in software. Time does not matter to it.
import type { DeviceWish } from '../../schemas/device.ts';
import type { DesiredVideoMixer, VideoMixerStats } from '../../schemas/worker.ts';
import { PictureCosts, usualWish, wishOf, type PictureWish } from './picture-costs.ts';

export interface DeviceBudgetOptions {
  readonly state?: DeviceWish;
  /** How much of the device is this worker's, 0..1; 1 without it. */
  readonly part?: number;
  /** Milliseconds for a picture of 1280×720, as tried before the worker began. */
  readonly triedMs?: number;
}

interface Held {
  wish: PictureWish;
  /** Of the device, measured. */
  share: number;
}

/** Where it is not known: half of what 30 pictures a second would leave. */
const cautiousMs = 15;

export class DeviceBudget {
  state: DeviceWish;
  readonly part: number;
  readonly #costs: PictureCosts;
  /** By whatever stands for the mixer. */
  readonly #mixers = new Map<object, Held>();
  /** How much of the time that engines take the device works: they also wait for each other. */
  #working = 1;

  constructor({ state = 'used', part = 1, triedMs = cautiousMs }: DeviceBudgetOptions = {}) {
    this.state = state;
    this.part = part;
    this.#costs = new PictureCosts(triedMs);
  }

  /** Whether what is on it may stay. */
  get isOpen(): boolean {
    return this.state === 'used' || this.state === 'draining';
  }

  /** How many mixers it makes the pictures of. */
  get mixers(): number {
    return this.#mixers.size;
  }

  /** The share of the device that they take. */
  get taken(): number {
    let sum = 0;
    for (const { wish, share } of this.#mixers.values()) sum += Math.max(share, this.#costs.share(wish));
    return sum;
  }

  /** The share that one more of their kind is expected to take. */
  get next(): number {
    const shares = [...this.#mixers.values()].map(({ wish }) => this.#costs.share(wish));
    const known = shares.filter((share) => share > 0);
    if (known.length === 0) return this.#costs.share(usualWish);
    return known.reduce((sum, share) => sum + share, 0) / known.length;
  }

  /** How busy the mixers keep the busiest unit of the device, 0..1, where the system tells. */
  observe(busy: number | undefined): void {
    let engines = 0;
    for (const { share } of this.#mixers.values()) engines += share;
    this.#working = busy === undefined || engines <= 0 ? 1 : Math.min(1, (busy * this.#working) / engines);
  }

  /** Whether a mixer may begin there, or go on. A device that is too slow for one alone has to do its best. */
  admits(mixer: object, settings: DesiredVideoMixer): boolean {
    if (!this.isOpen) return false;
    if (this.#mixers.has(mixer) || (this.#mixers.size === 0 && this.part >= 1)) return true;
    return this.taken + this.#costs.share(wishOf(settings)) <= this.part;
  }

  /** It makes the pictures of that mixer, with these settings, until `release`. */
  hold(mixer: object, settings: DesiredVideoMixer): void {
    this.#mixers.set(mixer, { wish: wishOf(settings), share: 0 });
  }

  /** The settings of a mixer have changed. */
  adjust(mixer: object, settings: DesiredVideoMixer): void {
    const held = this.#mixers.get(mixer);
    if (held) held.wish = wishOf(settings);
  }

  /** What a mixer tells each second. */
  learn(mixer: object, { share = 0, framerate }: Pick<VideoMixerStats, 'share' | 'framerate'>): void {
    const held = this.#mixers.get(mixer);
    if (held === undefined || framerate.made <= 0) return;
    held.share = share * this.#working;
    this.#costs.learn(held.wish, (held.share * 1000) / framerate.made);
  }

  release(mixer: object): void {
    this.#mixers.delete(mixer);
  }
}
