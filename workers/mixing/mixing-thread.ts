// Owns one mixing thread as the main thread sees it: what is to be sent, in few messages and never more than the thread
// keeps up with; who in it hears what it tells; and whether it still moves. Who gets which thread: thread-pool.ts.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { Clock } from '../clock.ts';
import type { Command, PipelineEvent, Turn } from './messages.ts';
import { writeSlab, type SlabPacket } from './packet-slab.ts';
import type { MixThread, StartThread } from './worker-thread.ts';

/** What has a pipeline in a thread. */
export interface Tenant {
  event(event: PipelineEvent): void;
  /** The thread is gone, and the pipeline with it. */
  lost(reason: string): void;
}

export interface MixingThreadOptions {
  readonly start: StartThread;
  readonly clock: Clock;
  readonly ended: (thread: MixingThread, reason: string) => void;
}

/** What comes within this time goes in one message. */
const gatherMs = 2;
const fullBytes = 2_000_000;
/** A batch not done with for this long means that the thread has more to do than it can. */
const behindMs = 1000;
const mostBytes = 3 * fullBytes;
/** Between two looks the main thread may have been away itself: what is longer does not count. */
const longestStepMs = 150;
/** Share of the time in which a thread had no core that its silence is forgiven. */
const forgiven = 0.5;
const startPatienceMs = 10_000;

interface Sent {
  readonly bytes: number;
  readonly sentMs: number;
}

export class MixingThread {
  readonly #options: MixingThreadOptions;
  readonly #thread: MixThread;
  readonly #tenants = new Map<number, Tenant>();
  #commands: Command[] = [];
  #packets: SlabPacket[] = [];
  #packetBytes = 0;
  #cancelFlush: Unsubscribe | undefined;
  /** Batches that the thread has not done with, oldest first. */
  readonly #sent: Sent[] = [];
  #sentBytes = 0;
  #done = 0;
  #running = false;
  #ended = false;
  #silentMs = 0;
  #waitedMs = 0;

  constructor(options: MixingThreadOptions) {
    this.#options = options;
    this.#thread = this.#start();
  }

  /** Of its own process; undefined where it has none. */
  get pid(): number | undefined {
    return this.#thread.pid;
  }

  get tenants(): number {
    return this.#tenants.size;
  }

  /** Whether it ever told anything. */
  get running(): boolean {
    return this.#running;
  }

  /** Whether it has more to do than it can: what may be left out should be. */
  get lagging(): boolean {
    const [oldest] = this.#sent;
    if (!this.#running || oldest === undefined) return false;
    return (
      this.#sentBytes + this.#packetBytes > fullBytes || this.#options.clock.now() - oldest.sentMs > behindMs
    );
  }

  enter(pipeline: number, tenant: Tenant): void {
    this.#tenants.set(pipeline, tenant);
  }

  /** Ends the pipeline; nothing more is heard of it. */
  leave(pipeline: number): void {
    if (!this.#tenants.delete(pipeline)) return;
    this.post({ type: 'close', pipeline });
  }

  /** Sends a command, behind the packets before it. */
  post(command: Command): void {
    if (this.#ended) return;
    this.#wrapPackets();
    this.#commands.push(command);
    this.#flushSoon();
  }

  /** Sends a packet; false when it was dropped because far too much is waiting. The bytes must stay as they are. */
  packet(packet: SlabPacket): boolean {
    if (this.#ended || this.#sentBytes + this.#packetBytes > mostBytes) return false;
    this.#packets.push(packet);
    this.#packetBytes += packet.bytes.length;
    this.#flushSoon();
    return true;
  }

  /** To be called every 100 ms or so; ends a thread that was silent longer than `patienceMs`, and says so. */
  watch(stepMs: number, patienceMs: number): boolean {
    const waitedMs = this.#thread.waitedMs();
    const starvedMs = Math.max(0, waitedMs - this.#waitedMs);
    this.#waitedMs = waitedMs;
    this.#silentMs += Math.max(0, Math.min(stepMs, longestStepMs) - forgiven * starvedMs);
    if (this.#silentMs <= (this.#running ? patienceMs : startPatienceMs)) return false;
    this.#end(`silent for ${Math.round(this.#silentMs)} ms`);
    return true;
  }

  /** Ends the thread itself, which is noticed as any other death. For tests. */
  kill(): void {
    this.#thread.terminate();
  }

  /** Idempotent. Its tenants are told unless they left before. */
  close(reason: string): void {
    this.#end(reason);
  }

  /** One that the machine does not let begin ends as any other does, a moment later. */
  #start(): MixThread {
    const ended = (reason: string): void => {
      this.#end(reason);
    };
    try {
      return this.#options.start({
        turn: (turn) => {
          this.#take(turn);
        },
        ended,
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      queueMicrotask(() => {
        ended(`it did not begin: ${reason}`);
      });
      return { post: () => undefined, waitedMs: () => 0, terminate: () => undefined };
    }
  }

  #take({ done, events }: Turn): void {
    this.#running = true;
    this.#silentMs = 0;
    for (; this.#done < done; this.#done++) this.#sentBytes -= this.#sent.shift()?.bytes ?? 0;
    for (const { pipeline, event } of events) this.#tenants.get(pipeline)?.event(event);
  }

  #end(reason: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelFlush?.();
    this.#commands = [];
    this.#packets = [];
    this.#sent.length = 0;
    this.#thread.terminate();
    const tenants = [...this.#tenants.values()];
    this.#tenants.clear();
    this.#options.ended(this, reason);
    for (const tenant of tenants) tenant.lost(reason);
  }

  #wrapPackets(): void {
    if (this.#packets.length === 0) return;
    this.#commands.push({ type: 'packets', slab: writeSlab(this.#packets) });
    this.#packets = [];
  }

  #flushSoon(): void {
    this.#cancelFlush ??= this.#options.clock.after(gatherMs, () => {
      this.#flush();
    });
  }

  #flush(): void {
    this.#cancelFlush = undefined;
    if (this.#ended) return;
    this.#wrapPackets();
    const commands = this.#commands;
    this.#commands = [];
    this.#sent.push({ bytes: this.#packetBytes, sentMs: this.#options.clock.now() });
    this.#sentBytes += this.#packetBytes;
    this.#packetBytes = 0;
    const transfer = commands.flatMap((command) => (command.type === 'packets' ? [command.slab] : []));
    this.#thread.post({ commands }, transfer);
  }
}
