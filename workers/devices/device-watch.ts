// Owns how busy this process and those below it keep their device, read now and then from what Linux tells. Whatever it does
// not tell is not there.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readDeviceFigures } from './device-figures.ts';
import { parseDrmClient, type DrmClient } from './drm-client.ts';
import { drmUsage, type DrmSample } from './drm-usage.ts';
import { renderNodes } from './render-nodes.ts';

export interface DeviceUse {
  /** Shares, 0..1, by unit: render, video, video-enhance, copy, compute, other. */
  readonly busy: ReadonlyMap<string, number>;
  /** Bytes in use by region, such as system or vram. */
  readonly memory: ReadonlyMap<string, number>;
  /** MHz by part of the device. */
  readonly frequencyMhz: ReadonlyMap<string, number>;
}

export const unknownUse: DeviceUse = { busy: new Map(), memory: new Map(), frequencyMhz: new Map() };

const mostFiles = 2048;

export class DeviceWatch {
  readonly #node: string;
  readonly #root: string;
  readonly #slot: string | undefined;
  #last: DrmSample | undefined;
  #use = unknownUse;
  #isReading = false;

  /** `node`: such as /dev/dri/renderD128. `root`: where the machine's files are, for tests. */
  constructor(node: string, root = '/') {
    this.#node = node;
    this.#root = root;
    this.#slot = renderNodes(root).find(({ path }) => path === node)?.slot;
  }

  /** Between the two latest readings. */
  get use(): DeviceUse {
    return this.#use;
  }

  /** The share of what is busiest of the units that make pictures; undefined when nothing is known. */
  get share(): number | undefined {
    const shares = ['render', 'video', 'video-enhance'].flatMap((unit) => this.#use.busy.get(unit) ?? []);
    return shares.length === 0 ? undefined : Math.max(...shares);
  }

  /** Reads anew, unless it still reads; `pids` are processes that use it beside this one. Never rejects. */
  async read(nowMs: number, pids: readonly number[] = []): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    const sample = { atMs: nowMs, clients: await this.#clients(['self', ...pids]) };
    const { frequencyMhz } = readDeviceFigures(this.#node, this.#root);
    this.#use = { ...drmUsage(this.#last ?? sample, sample, this.#slot), frequencyMhz };
    this.#last = sample;
    this.#isReading = false;
  }

  /** One after the other: it is not urgent, and a process may have many files. */
  async #clients(processes: readonly (string | number)[]): Promise<readonly DrmClient[]> {
    const clients: DrmClient[] = [];
    for (const process of processes) {
      const folder = join(this.#root, 'proc', String(process), 'fdinfo');
      const names = await readdir(folder).catch(() => []);
      for (const name of names.slice(0, mostFiles)) {
        const text = await readFile(join(folder, name), 'utf8').catch(() => '');
        const client = parseDrmClient(text);
        if (client !== undefined) clients.push(client);
      }
    }
    return clients;
  }
}
