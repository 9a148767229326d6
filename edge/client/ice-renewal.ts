// Owns that the credentials of relays are new ones before the old expire, for as long as a participation lasts.
import type { IceServers } from '../../schemas/ice-servers.ts';
import type { Off } from './emitter.ts';
import type { Timers } from './timers.ts';

export interface IceRenewalDeps {
  readonly timers: Timers;
  readonly ask: () => Promise<IceServers>;
  /** For connections made from now on. */
  readonly use: (servers: IceServers['iceServers']) => void;
}

const shareOfLife = 0.75;
const soonestMs = 5_000;
/** A browser's timer rings at once when it is set for more than 2^31 ms. */
const latestMs = 86_400_000;
const askAgainMs = 30_000;

export class IceRenewal {
  readonly #deps: IceRenewalDeps;
  #stop: Off | undefined;
  #round = 0;

  constructor(deps: IceRenewalDeps) {
    this.#deps = deps;
  }

  /** New ones have come, asked for or not. */
  take({ iceServers, iceServersMs }: IceServers): void {
    this.close();
    this.#deps.use(iceServers);
    if (iceServersMs === undefined) return;
    this.#later(Math.min(latestMs, Math.max(soonestMs, iceServersMs * shareOfLife)));
  }

  /** Asks for no more. Idempotent. */
  close(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#round += 1;
  }

  #later(ms: number): void {
    const round = this.#round;
    this.#stop = this.#deps.timers.after(ms, () => {
      this.#deps.ask().then(
        (given) => {
          // What came by another way meanwhile is as good, and when it is closed nothing may begin again.
          if (round === this.#round) this.take(given);
        },
        () => {
          if (round === this.#round) this.#later(askAgainMs);
        },
      );
    });
  }
}
