// Owns the GPUs of this machine as an operator sees them: which of its workers has which, and whether one is drained. Serves
// the host's channel; what workers do about it is theirs.
import * as v from 'valibot';
import type { Clock, Log } from '../../edge/clock.ts';
import { type Bus, channels, type Unsubscribe } from '../../schemas/bus.ts';
import {
  deviceRestSchema,
  hostRequestSchema,
  type DeviceRest,
  type DeviceWish,
  type HostReply,
  type SharedRest,
} from '../../schemas/device.ts';
import { SluiceError } from '../../schemas/error.ts';
import type { WorkerPlace } from './worker-environment.ts';

export interface HostDevicesDeps {
  /** Of the host, in the cluster. */
  readonly name: string;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** The render node of each worker, by its index. */
  readonly nodes: readonly (string | undefined)[];
  /** The id of the `index`-th worker; undefined while none runs. */
  readonly running: (index: number) => string | undefined;
}

const answerMs = 2000;
const againMs = 500;
/** Who has not begun to serve after so many was told at its start. */
const tellings = 20;

const nothing: DeviceRest = { rooms: 0, mixers: 0 };

export class HostDevices {
  readonly #deps: HostDevicesDeps;
  readonly #wishes: Map<string, DeviceWish>;
  readonly #stop: Unsubscribe;

  constructor(deps: HostDevicesDeps) {
    this.#deps = deps;
    this.#wishes = new Map(deps.nodes.flatMap((node) => (node === undefined ? [] : [[node, 'used']])));
    this.#stop = deps.bus.serve(channels.host(deps.name), (message) => this.#drain(message));
  }

  /** What the `index`-th worker is told of its device when it starts. Who share one get equal parts of it. */
  of(index: number): WorkerPlace['device'] {
    const node = this.#deps.nodes[index];
    const state = node === undefined ? undefined : this.#wishes.get(node);
    if (node === undefined || state === undefined) return undefined;
    return { host: this.#deps.name, state, part: 1 / this.#workersOf(node).length };
  }

  close(): void {
    this.#stop();
  }

  async #drain(message: unknown): Promise<HostReply> {
    const request = v.safeParse(hostRequestSchema, message);
    if (!request.success) throw new SluiceError('bad-request', 'Malformed request to a worker host');
    const { node, on, software } = request.output;
    if (!this.#wishes.has(node)) throw new SluiceError('not-found', 'Device not found');
    const state = on ? (software ? 'drained' : 'draining') : 'used';
    this.#wishes.set(node, state);
    this.#deps.log.info('an operator changed the state of a GPU', { device: node, state });
    const rests = await Promise.all(this.#workersOf(node).map((index) => this.#tell(index, node, state)));
    return {
      state,
      rest: {
        rooms: rests.reduce((sum, { rooms }) => sum + rooms, 0),
        mixers: rests.reduce((sum, { mixers }) => sum + mixers, 0),
        silent: rests.reduce((sum, { silent }) => sum + silent, 0),
      },
    };
  }

  #workersOf(node: string): readonly number[] {
    return this.#deps.nodes.flatMap((each, index) => (each === node ? [index] : []));
  }

  /** What is left on the device there: nothing, where no worker runs. */
  async #tell(index: number, node: string, state: DeviceWish): Promise<SharedRest> {
    const worker = this.#deps.running(index);
    const told = worker === undefined ? nothing : await this.#ask(worker, state);
    if (told !== undefined) return { ...told, silent: 0 };
    if (worker !== undefined) void this.#tellLater(index, worker, node, state);
    return { ...nothing, silent: 1 };
  }

  /** A worker that is only just starting may have been told something older. */
  async #tellLater(index: number, worker: string, node: string, state: DeviceWish): Promise<void> {
    const { clock, running } = this.#deps;
    for (let telling = 1; telling < tellings; telling += 1) {
      await new Promise<void>((resolve) => void clock.after(againMs, resolve));
      if (running(index) !== worker || this.#wishes.get(node) !== state) return;
      if ((await this.#ask(worker, state)) !== undefined) return;
    }
  }

  async #ask(worker: string, state: DeviceWish): Promise<DeviceRest | undefined> {
    const { bus, log } = this.#deps;
    try {
      const reply = await bus.request(channels.worker(worker), { type: 'device', state }, answerMs);
      return v.parse(deviceRestSchema, reply);
    } catch (error) {
      log.warn('a worker could not be told of its GPU', { worker, state, error });
      return undefined;
    }
  }
}
