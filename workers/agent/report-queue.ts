// Owns bringing reports to each room's conductor: in order, again until acknowledged, within bounds. A room whose conductor
// stays away is given up.
import { channelAt, channels, type Bus, type Unsubscribe } from '../../schemas/bus.ts';
import { SluiceError } from '../../schemas/error.ts';
import type { ReportItem, WorkerReport } from '../../schemas/worker.ts';
import type { Clock, Log } from '../clock.ts';

export interface ReportQueueOptions {
  readonly worker: string;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly log: Log;
  /** Nobody has acknowledged anything of the room for a minute. */
  readonly lost: (room: string) => void;
}

interface RoomReports {
  home: string | undefined;
  items: ReportItem[];
  sending: boolean;
  /** Since when nothing was acknowledged; undefined while the conductor answers. */
  failingSinceMs: number | undefined;
  cancelTimer: Unsubscribe;
}

const limits = {
  items: 2000,
  itemsAtOnce: 50,
  timeoutMs: 3000,
  retryMs: 200,
  /** A room without news asks its conductor this often whether it is there. */
  probeMs: 15_000,
  lostMs: 60_000,
} as const;

export class ReportQueue {
  readonly #options: ReportQueueOptions;
  readonly #rooms = new Map<string, RoomReports>();
  #closed = false;

  constructor(options: ReportQueueOptions) {
    this.#options = options;
  }

  /** Adds items behind those of the room not yet acknowledged; for a room that is not held they are dropped. */
  add(room: string, items: readonly ReportItem[]): void {
    const reports = this.#rooms.get(room);
    if (!reports) return;
    reports.items.push(...items);
    const surplus = reports.items.length - limits.items;
    if (surplus > 0) {
      reports.items.splice(0, surplus);
      this.#options.log.warn('reports were dropped', { room, surplus });
    }
    if (!reports.sending && reports.failingSinceMs === undefined) this.#send(room, reports);
  }

  /** Reports of this room are carried to its home from now on, and its conductor is watched. */
  hold(room: string, home?: string): void {
    const held = this.#rooms.get(room);
    if (held !== undefined) held.home = home;
    if (this.#closed || held !== undefined) return;
    const reports: RoomReports = {
      home,
      items: [],
      sending: false,
      failingSinceMs: undefined,
      cancelTimer: () => undefined,
    };
    this.#rooms.set(room, reports);
    this.#schedule(room, reports, limits.probeMs);
  }

  release(room: string): void {
    this.#rooms.get(room)?.cancelTimer();
    this.#rooms.delete(room);
  }

  close(): void {
    this.#closed = true;
    for (const room of [...this.#rooms.keys()]) this.release(room);
  }

  #schedule(room: string, reports: RoomReports, ms: number): void {
    reports.cancelTimer();
    reports.cancelTimer = this.#options.clock.after(ms, () => {
      this.#send(room, reports);
    });
  }

  #send(room: string, reports: RoomReports): void {
    if (reports.sending || this.#rooms.get(room) !== reports) return;
    const { bus, worker } = this.#options;
    const items = reports.items.slice(0, limits.itemsAtOnce);
    const report: WorkerReport = { worker, room, items };
    reports.sending = true;
    bus.request(channelAt(reports.home, channels.reports(room)), report, limits.timeoutMs).then(
      () => {
        this.#settled(room, reports, items);
      },
      (error: unknown) => {
        this.#refused(room, reports, items, error);
      },
    );
  }

  #settled(room: string, reports: RoomReports, items: readonly ReportItem[]): void {
    reports.sending = false;
    reports.failingSinceMs = undefined;
    const done = new Set(items);
    reports.items = reports.items.filter((item) => !done.has(item));
    if (this.#rooms.get(room) !== reports) return;
    if (reports.items.length > 0) this.#send(room, reports);
    else this.#schedule(room, reports, limits.probeMs);
  }

  #refused(room: string, reports: RoomReports, items: readonly ReportItem[], error: unknown): void {
    // Told again it would be refused again, and what comes after it would never be heard.
    if (error instanceof SluiceError && error.code === 'bad-request') {
      this.#options.log.error('a report was refused', { room, error });
      this.#settled(room, reports, items);
      return;
    }
    reports.sending = false;
    if (this.#rooms.get(room) !== reports) return;
    const now = this.#options.clock.now();
    reports.failingSinceMs ??= now;
    if (now - reports.failingSinceMs < limits.lostMs) {
      this.#schedule(room, reports, limits.retryMs);
      return;
    }
    this.#options.log.warn('a room was given up: nobody conducts it', { room, error });
    this.release(room);
    this.#options.lost(room);
  }
}
