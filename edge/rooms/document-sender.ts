// Owns the way of one room's document to one worker: one request at a time, always the newest, again until acknowledged.
import { channels, type Bus, type Unsubscribe } from '../../schemas/bus.ts';
import type { DesiredRoom, WorkerRequest } from '../../schemas/worker.ts';
import type { Clock } from '../clock.ts';

export interface DocumentSenderDeps {
  readonly worker: string;
  /** Where the worker is to report; absent: beside the directory. */
  readonly home?: string | undefined;
  /** The conductor's fencing token. */
  readonly fence: number;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** The worker did not acknowledge in time or at all; another attempt follows by itself. */
  readonly failed: (error: unknown) => void;
  /** The worker has acknowledged the newest document. */
  readonly acknowledged: () => void;
}

const contentOf = ({ transports, mixers, links }: Omit<DesiredRoom, 'room' | 'version'>): string =>
  JSON.stringify([transports, mixers, links ?? []]);
const nothing = contentOf({ transports: [], mixers: [] });

const firstRetryMs = 100;
const maxRetryMs = 1000;

export class DocumentSender {
  readonly #deps: DocumentSenderDeps;
  #content: string | undefined;
  #version = -1;
  #newest: DesiredRoom | undefined;
  #sending = false;
  #retryMs = firstRetryMs;
  #cancelRetry: Unsubscribe | undefined;
  #closed = false;

  constructor(deps: DocumentSenderDeps) {
    this.#deps = deps;
  }

  /** True when the worker has acknowledged that the room is to have nothing there. */
  get finished(): boolean {
    return this.#content === nothing && !this.#newest;
  }

  /** Sends the document unless its content is that of the last one and that one's version is at least `leastVersion`. */
  want(document: DesiredRoom, leastVersion: number): void {
    const content = contentOf(document);
    if (content === this.#content && this.#version >= leastVersion) return;
    this.#content = content;
    this.#version = document.version;
    this.#newest = document;
    this.#send();
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
  }

  #send(): void {
    if (this.#sending || this.#cancelRetry || this.#closed || !this.#newest) return;
    const { bus, worker, home, fence, timeoutMs } = this.#deps;
    const document = this.#newest;
    const desired = { ...document, fence, ...(home === undefined ? {} : { home }) };
    const request: WorkerRequest = { type: 'desired', desired };
    this.#sending = true;
    bus.request(channels.worker(worker), request, timeoutMs).then(
      () => this.#answered(document),
      (error: unknown) => this.#unanswered(error),
    );
  }

  #answered(document: DesiredRoom): void {
    this.#sending = false;
    this.#retryMs = firstRetryMs;
    if (this.#closed) return;
    if (this.#newest === document) {
      this.#newest = undefined;
      this.#deps.acknowledged();
    } else this.#send();
  }

  #unanswered(error: unknown): void {
    this.#sending = false;
    if (this.#closed) return;
    this.#cancelRetry = this.#deps.clock.after(this.#retryMs, () => {
      this.#cancelRetry = undefined;
      this.#send();
    });
    this.#retryMs = Math.min(maxRetryMs, this.#retryMs * 2);
    this.#deps.failed(error);
  }
}
