// Owns the pipelines of one mixing thread: what it is told goes to them, what they give goes into turns, and each is called
// when it wants to be. Time, messages and the making of pipelines come in; the thread around it is run-thread.ts.
import type { Unsubscribe } from '../../schemas/bus.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import { EngineFailure } from '../engine/engine-failure.ts';
import {
  beatMs,
  headRoomBytes,
  type Batch,
  type Command,
  type PackedFrame,
  type PipelineEvent,
  type PipelineSettings,
  type Turn,
} from './messages.ts';
import { readSlab } from './packet-slab.ts';
import type { AudioPipeline, OutputFrame, PipelineOut, VideoPipeline } from './pipeline.ts';

export interface ThreadHostOptions {
  /** Steady ms, the same for all threads of the worker. */
  readonly nowMs: () => number;
  readonly after: (ms: number, callback: () => void) => Unsubscribe;
  readonly send: (turn: Turn, transfer: readonly ArrayBuffer[]) => void;
  readonly openVideo: (out: PipelineOut, engine: EngineChoice | undefined) => Promise<VideoPipeline>;
  readonly openAudio: (out: PipelineOut) => Promise<AudioPipeline>;
  /** Stands still for ever; absent outside tests. */
  readonly wedge?: () => void;
}

type Media =
  | { readonly kind: 'video'; readonly pipeline: VideoPipeline }
  | { readonly kind: 'audio'; readonly pipeline: AudioPipeline };

interface Hosted {
  readonly id: number;
  media: Media | undefined;
  /** What came before it was open. */
  readonly early: ((pipeline: Media) => void)[];
  dueMs: number;
  statsMs: number;
}

const statsEveryMs = 1000;
/** Opening takes milliseconds: seconds of packets mean that it never ends. */
const maxEarly = 20_000;
/** Between two looks at pipelines that say they want none. */
const longestMs = 1000;

export class ThreadHost {
  readonly #options: ThreadHostOptions;
  readonly #hosted = new Map<number, Hosted>();
  #events: Turn['events'][number][] = [];
  #transfer: ArrayBuffer[] = [];
  #done = 0;
  #doneSent = 0;
  #sentMs = -Infinity;
  /** In a turn, at whose end everything is sent. */
  #isTurning = true;
  #cancel: Unsubscribe = () => undefined;

  constructor(options: ThreadHostOptions) {
    this.#options = options;
    this.#turn();
  }

  receive({ commands }: Batch): void {
    this.#isTurning = true;
    for (const command of commands) this.#obey(command);
    this.#done++;
    this.#turn();
  }

  /** Ends all pipelines and the beat. */
  close(): void {
    this.#cancel();
    for (const id of [...this.#hosted.keys()]) this.#close(id);
  }

  /** Calls what is due, sends what came of it and sets the alarm for the next time. */
  #turn(): void {
    const { nowMs, after } = this.#options;
    this.#cancel();
    this.#isTurning = true;
    for (const hosted of [...this.#hosted.values()]) this.#tick(hosted);
    this.#isTurning = false;
    const now = nowMs();
    const isNews = this.#done !== this.#doneSent && !this.#isBehind();
    if (this.#events.length > 0 || isNews || now - this.#sentMs >= beatMs) this.#send(now);
    let nextMs = this.#sentMs + beatMs;
    for (const { dueMs } of this.#hosted.values()) nextMs = Math.min(nextMs, dueMs);
    this.#cancel = after(Math.max(0, nextMs - now), () => {
      this.#turn();
    });
  }

  #send(now: number): void {
    if (!this.#isBehind()) this.#doneSent = this.#done;
    const turn = { done: this.#doneSent, events: this.#events };
    const transfer = this.#transfer;
    this.#events = [];
    this.#transfer = [];
    this.#sentMs = now;
    this.#options.send(turn, transfer);
  }

  #obey(command: Command): void {
    switch (command.type) {
      case 'open':
        this.#open(command.pipeline, command.settings, command.engine);
        break;
      case 'configure': {
        const { settings } = command;
        this.#with(command.pipeline, (media) => {
          this.#configure(media, settings);
        });
        break;
      }
      case 'begin':
        this.#with(command.pipeline, ({ pipeline }) => {
          pipeline.begin(command.line);
        });
        break;
      case 'end':
        this.#with(command.pipeline, ({ pipeline }) => {
          pipeline.end(command.line);
        });
        break;
      case 'packets':
        readSlab(command.slab, ({ pipeline: id, line, bytes, arrivedMs }) => {
          this.#with(id, ({ pipeline }) => {
            pipeline.receive(line, bytes, arrivedMs);
          });
        });
        break;
      case 'report':
        this.#with(command.pipeline, ({ pipeline }) => {
          pipeline.report(command.report);
        });
        break;
      case 'round-trip':
        this.#with(command.pipeline, ({ pipeline }) => {
          pipeline.roundTrip(command.line, command.rttMs);
        });
        break;
      case 'key-frame':
        this.#with(command.pipeline, ({ pipeline }) => {
          pipeline.requestKeyFrame(command.output, this.#options.nowMs());
        });
        break;
      case 'tap-taken':
        this.#with(command.pipeline, ({ kind, pipeline }) => {
          if (kind === 'video') pipeline.tapTaken(command.tap);
        });
        break;
      case 'close':
        this.#close(command.pipeline);
        break;
      case 'wedge':
        this.#options.wedge?.();
        break;
    }
  }

  #open(id: number, settings: PipelineSettings, engine: EngineChoice | undefined): void {
    const hosted: Hosted = { id, media: undefined, early: [], dueMs: Infinity, statsMs: 0 };
    this.#hosted.set(id, hosted);
    hosted.early.push((media) => {
      this.#configure(media, settings);
    });
    void this.#make(settings.kind, this.#outOf(id), engine).then(
      (media) => {
        if (this.#hosted.get(id) !== hosted) {
          media.pipeline.close();
          return;
        }
        hosted.media = media;
        hosted.dueMs = -Infinity;
        for (const call of hosted.early.splice(0)) this.#with(id, call);
        this.#turn();
      },
      (error: unknown) => {
        this.#fail(id, error);
        this.#turn();
      },
    );
  }

  async #make(
    kind: PipelineSettings['kind'],
    out: PipelineOut,
    engine: EngineChoice | undefined,
  ): Promise<Media> {
    return kind === 'video'
      ? { kind, pipeline: await this.#options.openVideo(out, engine) }
      : { kind, pipeline: await this.#options.openAudio(out) };
  }

  #configure(media: Media, settings: PipelineSettings): void {
    const now = this.#options.nowMs();
    if (media.kind === 'video') {
      if (settings.kind === 'video') media.pipeline.configure(settings, now);
    } else if (settings.kind === 'audio') media.pipeline.configure(settings, now);
  }

  /** What a pipeline throws ends it, and it alone. */
  #with(id: number, call: (media: Media) => void): void {
    const hosted = this.#hosted.get(id);
    if (!hosted) return;
    if (!hosted.media) {
      if (hosted.early.length < maxEarly) hosted.early.push(call);
      else this.#fail(id, new Error('it does not open'));
      return;
    }
    hosted.dueMs = -Infinity;
    try {
      call(hosted.media);
    } catch (error) {
      this.#fail(id, error);
    }
  }

  #tick(hosted: Hosted): void {
    const { media } = hosted;
    const now = this.#options.nowMs();
    if (!media || hosted.dueMs > now) return;
    try {
      hosted.dueMs = Math.min(media.pipeline.tick(now), now + longestMs);
      if (now - hosted.statsMs < statsEveryMs) return;
      hosted.statsMs = now;
      this.#tell(hosted.id, { type: 'stats', stats: media.pipeline.stats(now) });
    } catch (error) {
      this.#fail(hosted.id, error);
    }
  }

  #fail(id: number, error: unknown): void {
    if (!this.#hosted.has(id)) return;
    this.#close(id);
    const reason = error instanceof Error ? error.message : String(error);
    const engine = error instanceof EngineFailure ? { engine: error.fault } : {};
    this.#tell(id, { type: 'failed', reason, ...engine });
  }

  #close(id: number): void {
    const hosted = this.#hosted.get(id);
    this.#hosted.delete(id);
    try {
      hosted?.media?.pipeline.close();
    } catch {
      // It is being given up already; its memory goes with it.
    }
  }

  #tell(pipeline: number, event: PipelineEvent): void {
    this.#events.push({ pipeline, event });
    if (this.#isTurning) return;
    // An engine that works apart gave something between two turns.
    this.#isTurning = true;
    this.#cancel();
    this.#cancel = this.#options.after(0, () => {
      this.#turn();
    });
  }

  /** Batches whose work waits in an engine are not done with. */
  #isBehind(): boolean {
    return [...this.#hosted.values()].some(({ media }) => media?.pipeline.isBehind === true);
  }

  #outOf(id: number): PipelineOut {
    return {
      frame: (frame) => {
        const packed = pack(frame);
        this.#transfer.push(packed.bytes);
        this.#tell(id, { type: 'frame', frame: packed });
      },
      requestKeyFrame: (line) => {
        this.#tell(id, { type: 'request-key-frame', line });
      },
      ages: (ages) => {
        this.#tell(id, { type: 'ages', ages });
      },
      speaker: (stream) => {
        this.#tell(id, { type: 'speaker', stream });
      },
      tapped: (picture) => {
        this.#transfer.push(picture.data.buffer);
        this.#tell(id, { type: 'tapped', picture });
      },
    };
  }
}

function pack({ payloads, output, atMs, timestamp, marker, key }: OutputFrame): PackedFrame {
  let length = 0;
  for (const payload of payloads) length += headRoomBytes + payload.length;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const payload of payloads) {
    bytes.set(payload, at + headRoomBytes);
    at += headRoomBytes + payload.length;
  }
  const lengths = payloads.map((payload) => payload.length);
  return { output, bytes: bytes.buffer, lengths, atMs, timestamp, marker, key };
}
