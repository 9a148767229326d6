// Owns one session of the addon and whether it is still sound: numbers of its objects, posting, and who hears of which
// object. What the addon throws is a wrong call of ours; it becomes `failed`, as what the session tells of itself does.
import type { NativeAddon, NativeEvent, NativeSession, NativeSessionOptions } from '../../../native/addon.ts';
import type { EngineTrouble, EngineWork, TapOptions, VideoDecoder } from '../engine.ts';
import { DecodeLedger } from './decode-ledger.ts';
import { StallWatch } from './stall-watch.ts';

export type DecoderEvent = Extract<NativeEvent, { type: 'pictured' | 'broken' }>;
export type EncoderEvent = Extract<NativeEvent, { type: 'encoded' | 'skipped' }>;

export interface NativeCoreOptions {
  readonly addon: NativeAddon;
  readonly session: NativeSessionOptions;
  readonly patienceMs: number;
  readonly failed: (reason: string, trouble: EngineTrouble) => void;
  readonly worked: (work: EngineWork, ms: number) => void;
}

export class NativeCore {
  readonly #options: NativeCoreOptions;
  readonly #session: NativeSession;
  readonly #decoders = new Map<number, (event: DecoderEvent) => void>();
  readonly #encoders = new Map<number, (event: EncoderEvent) => void>();
  /** Who waits for what was tapped, by ticket. */
  readonly #taps = new Map<number, TapOptions['tapped']>();
  readonly #stall: StallWatch;
  readonly #ledger = new DecodeLedger();
  #state: 'sound' | 'broken' | 'closed' = 'sound';
  #nextId = 1;
  #nextTicket = 0;
  #composeMs = 0;
  #tapMs = 0;

  /** Throws what the addon throws when no session can begin. */
  constructor(options: NativeCoreOptions) {
    this.#options = options;
    this.#stall = new StallWatch(options.patienceMs);
    this.#session = options.addon.open(options.session, (events) => this.#deliver(events));
  }

  get backlog(): number {
    return this.#state === 'sound' ? this.#session.progress().waitingCommands : 0;
  }

  get isSound(): boolean {
    return this.#state === 'sound';
  }

  /** A number for an object that `open` makes; undefined when the session does not take it. */
  object(open: (session: NativeSession, id: number) => boolean): number | undefined {
    const id = this.#nextId++;
    return this.post((session) => open(session, id)) ? id : undefined;
  }

  /**
   * False when it was not taken: the session is broken or closed, or its queue is full. `decoder`: the command is a unit of
   * it.
   */
  post(call: (session: NativeSession) => boolean, decoder?: VideoDecoder): boolean {
    if (this.#state !== 'sound') return false;
    try {
      const isTaken = call(this.#session);
      if (isTaken) this.#ledger.posted(decoder);
      return isTaken;
    } catch (error) {
      this.#break(error instanceof Error ? `${error.name}: ${error.message}` : 'a wrong call', 'session');
      return false;
    }
  }

  hearDecoder(id: number, hear: (event: DecoderEvent) => void): void {
    this.#decoders.set(id, hear);
  }

  hearEncoder(id: number, hear: (event: EncoderEvent) => void): void {
    this.#encoders.set(id, hear);
  }

  /** Of a decoder, still or canvas. */
  tap(id: number, { size: { width, height }, pixels, tapped }: TapOptions): void {
    const ticket = this.#nextTicket;
    this.#nextTicket = (ticket + 1) % 2 ** 31;
    if (this.post((session) => session.tap(ticket, id, width, height, pixels)))
      this.#taps.set(ticket, tapped);
    else if (this.isSound) tapped(undefined);
  }

  /** Nothing more is heard of the object. */
  closeObject(id: number): void {
    this.#decoders.delete(id);
    this.#encoders.delete(id);
    this.post((session) => session.closeObject(id));
  }

  watch(nowMs: number): void {
    if (this.#state !== 'sound') return;
    const silentMs = this.#stall.look(this.#session.progress(), nowMs);
    // A GPU that hangs does so for all; a library does with what it was given.
    const scope = this.#options.session.engine === 'cpu' ? 'session' : 'device';
    if (silentMs !== undefined) this.#break(`it stands still since ${Math.round(silentMs)} ms`, scope);
  }

  close(): void {
    this.#state = 'closed';
    this.#forget();
  }

  #break(reason: string, scope: EngineTrouble['scope']): void {
    if (this.#state !== 'sound') return;
    this.#state = 'broken';
    const decoder = this.#ledger.underWay(this.#session.progress().done);
    this.#forget();
    this.#options.failed(reason, { scope, ...(decoder && { decoder }) });
  }

  #forget(): void {
    this.#decoders.clear();
    this.#encoders.clear();
    this.#taps.clear();
    this.#session.close();
  }

  #deliver(events: readonly NativeEvent[]): void {
    for (const event of events) {
      if (this.#state !== 'sound') return;
      this.#hear(event);
    }
    if (this.#state !== 'sound') return;
    const { composeMs, tapMs } = this.#session.progress();
    if (composeMs > this.#composeMs) this.#options.worked('compose', composeMs - this.#composeMs);
    if (tapMs > this.#tapMs) this.#options.worked('tap', tapMs - this.#tapMs);
    this.#composeMs = composeMs;
    this.#tapMs = tapMs;
  }

  #hear(event: NativeEvent): void {
    switch (event.type) {
      case 'pictured':
        this.#options.worked('decode', event.ms);
        this.#decoders.get(event.decoder)?.(event);
        return;
      case 'broken':
        this.#decoders.get(event.decoder)?.(event);
        return;
      case 'encoded':
        this.#options.worked('encode', event.ms);
        this.#encoders.get(event.encoder)?.(event);
        return;
      case 'skipped':
        this.#encoders.get(event.encoder)?.(event);
        return;
      case 'failed':
        this.#break(event.reason, event.scope);
        return;
      case 'closed':
        this.#break('it has ended', 'session');
        return;
      case 'tapped': {
        const tapped = this.#taps.get(event.ticket);
        this.#taps.delete(event.ticket);
        tapped?.(event.data);
        return;
      }
      case 'opened':
        return;
    }
  }
}
