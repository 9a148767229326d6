// Owns a room with views as a test sees it over REST: making it, mixing, its layout; and where, in a view with a given
// layout, each participant's picture must be (room-model §4.6). Not what is seen there.
import type { LayoutEntry, Region } from '../../schemas/stream.ts';
import type { MixerStats } from '../../schemas/worker.ts';
import type { Area } from './mixing-report.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

type Operation =
  | { readonly op: 'add' | 'remove'; readonly path: '/info/inViews'; readonly value: string }
  | { readonly op: 'replace'; readonly path: string; readonly value: unknown };

export class MixedRoom {
  readonly id: string;
  readonly #url: string;

  private constructor(url: string, id: string) {
    this.#url = url;
    this.id = id;
  }

  static async create(url: string, options: object = {}): Promise<MixedRoom> {
    const room = (await ask(`${url}/rooms`, 'POST', { name: 'mixing', options })) as { readonly _id: string };
    return new MixedRoom(url, room._id);
  }

  /** The id of the mixed stream of a view. */
  mixed(view = 'common'): string {
    return `${this.id}-${view}`;
  }

  async mix(stream: string, view = 'common'): Promise<void> {
    await this.patch(stream, [{ op: 'add', path: '/info/inViews', value: view }]);
  }

  async unmix(stream: string, view = 'common'): Promise<void> {
    await this.patch(stream, [{ op: 'remove', path: '/info/inViews', value: view }]);
  }

  async setLayout(value: readonly LayoutEntry[], view = 'common'): Promise<void> {
    await this.patch(this.mixed(view), [{ op: 'replace', path: '/info/layout', value }]);
  }

  async layout(view = 'common'): Promise<readonly LayoutEntry[]> {
    const address = `${this.#url}/rooms/${this.id}/streams/${this.mixed(view)}`;
    return ((await ask(address, 'GET')) as { readonly info: { readonly layout: readonly LayoutEntry[] } })
      .info.layout;
  }

  /** Ids of who is in the room. */
  async participants(): Promise<readonly string[]> {
    const list = await ask(`${this.#url}/rooms/${this.id}/participants`, 'GET');
    return (list as readonly { readonly id: string }[]).map(({ id }) => id);
  }

  /** What the room's mixers do and cost. */
  async mixers(): Promise<readonly MixerStats[]> {
    return (await ask(`${this.#url}/rooms/${this.id}/mixers`, 'GET')) as readonly MixerStats[];
  }

  /** Rejects with the server's answer unless it is 200. */
  async patch(stream: string, operations: readonly Operation[]): Promise<void> {
    await ask(`${this.#url}/rooms/${this.id}/streams/${stream}`, 'PATCH', operations);
  }
}

async function ask(address: string, method: string, body?: object): Promise<unknown> {
  const response = await fetch(address, {
    method,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${address}: ${response.status} ${text}`);
  return JSON.parse(text);
}

/** Where a letterboxed input is, as shares of the view. */
export function pictureArea({ area }: Region, view: Size, input: Size): Area {
  const left = Math.floor(view.width * share(area.left));
  const top = Math.floor(view.height * share(area.top));
  const width = Math.floor(view.width * share(area.width));
  const height = Math.floor(view.height * share(area.height));
  const shownWidth = Math.min(width, Math.floor((input.width * height) / input.height));
  const shownHeight = Math.min(height, Math.floor((input.height * width) / input.width));
  return {
    left: even(left + (width - shownWidth) / 2) / view.width,
    top: even(top + (height - shownHeight) / 2) / view.height,
    width: even(shownWidth) / view.width,
    height: even(shownHeight) / view.height,
  };
}

export function region(
  id: string,
  left: string,
  top: string,
  width: string,
  height = width,
): LayoutEntry['region'] {
  return { id, shape: 'rectangle', area: { left, top, width, height } };
}

function share(fraction: string): number {
  const [numerator = 0, denominator = 1] = fraction.split('/').map(Number);
  return numerator / denominator;
}

const even = (pixels: number): number => 2 * Math.floor(pixels / 2);
