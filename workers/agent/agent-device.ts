// Owns a worker's GPU as its agent sees it: whose it is, how much of it is taken, and what is told of it. Making pictures with
// it is workers/mixing, reading how it fares workers/devices.
import type { DeviceRest, MediaUse, WorkerDevice } from '../../schemas/device.ts';
import type { DeviceWatch } from '../devices/device-watch.ts';
import type { DeviceBudget } from '../mixing/device-budget.ts';
import type { MixNode } from '../mixing/node.ts';

export interface AgentDeviceOptions {
  /** The worker host. */
  readonly host: string;
  readonly node: string;
  readonly budget: DeviceBudget;
  readonly watch: Pick<DeviceWatch, 'use' | 'share'>;
  readonly mixing: Pick<MixNode, 'engines'>;
}

/** Of what its load leaves it never says that one more task takes all: an empty worker has room for one. */
const mostCost = 0.9;

export class AgentDevice {
  readonly #options: AgentDeviceOptions;

  constructor(options: AgentDeviceOptions) {
    this.#options = options;
  }

  get announced(): WorkerDevice {
    const { host, node, budget } = this.#options;
    return { host, node, state: budget.state === 'used' && this.#isResting ? 'left-out' : budget.state };
  }

  get isDraining(): boolean {
    return this.#options.budget.state === 'draining';
  }

  /** To be called after each reading of the device. */
  observe(): void {
    const { budget, watch } = this.#options;
    budget.observe(watch.share);
  }

  /** How much of the worker's part is taken, 0..1 and above: what the system tells, or what was measured, if that is more. */
  get load(): number {
    const { budget, watch } = this.#options;
    return Math.max(budget.taken, watch.share ?? 0) / budget.part;
  }

  /** What one more task of `video` adds to that; undefined while it is not used. */
  cost(maxLoad: number): number | undefined {
    const { budget } = this.#options;
    if (!budget.isOpen || this.#isResting) return undefined;
    const rounded = Math.ceil((budget.next / budget.part) * 1000) / 1000;
    return Math.min(Math.max(0, maxLoad) * mostCost, rounded);
  }

  /** It failed of late, so that nothing begins on it. */
  get #isResting(): boolean {
    const { mixing, node } = this.#options;
    return !mixing.engines.some(({ device }) => device === node);
  }

  rest(rooms: number): DeviceRest {
    return { rooms, mixers: this.#options.budget.mixers };
  }

  told(): NonNullable<MediaUse['device']> {
    const { budget, watch } = this.#options;
    const { busy, memory, frequencyMhz } = watch.use;
    const hertz = [...frequencyMhz].map(([part, mhz]) => [part, mhz * 1e6] as const);
    return {
      ...this.announced,
      part: budget.part,
      taken: rounded(budget.taken),
      next: rounded(budget.next),
      busy: Object.fromEntries([...busy].map(([unit, share]) => [unit, rounded(share)])),
      memoryBytes: Object.fromEntries(memory),
      frequencyHz: Object.fromEntries(hertz),
    };
  }
}

function rounded(share: number): number {
  return Math.round(share * 1000) / 1000;
}
