// Owns the media of a member in a chaos run: a stream that is published again whenever it ends, and a subscription that is
// made again whenever it ends or stands still. Packets only, no pictures.
import type { Notice } from '../../../schemas/notice.ts';
import { readSession, type SessionReply } from '../../../edge/client/wire.ts';
import { Publisher, Receiver } from '../../bench/lib/peer.ts';
import { sendCandidatesLater, withoutCandidates } from '../../support/late-candidates.ts';
import type { Member } from './member.ts';

const againMs = 100;
const readyMs = 8_000;

/** What `request` makes of an offer, whose candidates follow. */
async function exchange(
  member: Member,
  offer: string,
  request: (offer: string) => Promise<SessionReply>,
): Promise<{ readonly session: SessionReply; readonly answer: string }> {
  const session = await request(withoutCandidates(offer));
  sendCandidatesLater(offer, (candidate) => {
    const signaling = { type: 'candidate' as const, candidate };
    return member.ask({ do: 'signal', transport: session.transportId, signaling }, () => undefined);
  });
  return { session, answer: withoutCandidates(session.answer ?? '') };
}

interface Held {
  readonly session: string;
  close(): void;
}

/** Keeps one session up: whatever ends it, it is made again. */
abstract class Kept {
  readonly member: Member;
  #held: Held | undefined;
  #making = false;
  #closed = false;
  #endedAt = performance.now();
  #failed = '';

  constructor(member: Member) {
    this.member = member;
  }

  /** Its id while it is up. */
  get session(): string | undefined {
    return this.#held?.session;
  }

  /** In words. */
  get standing(): string {
    if (this.#held !== undefined) return `${this.member.user}: ${this.#held.session} is up`;
    const forMs = Math.round(performance.now() - this.#endedAt);
    const failed = this.#failed === '' ? '' : `, last failed: ${this.#failed}`;
    return `${this.member.user}: has none for ${forMs} ms${failed}`;
  }

  /** What its member is told. */
  hear(notice: Notice): void {
    const ended = notice.type === 'session-ended' && notice.session === this.#held?.session;
    if (ended || (notice.type === 'transport-failed' && notice.transport === this.#held?.session)) this.end();
  }

  /** Gives up what there is, if anything, and makes it again. */
  end(): void {
    this.#held?.close();
    this.#held = undefined;
    this.#endedAt = performance.now();
    if (!this.#closed) void this.keep();
  }

  close(): void {
    this.#closed = true;
    this.end();
  }

  async keep(): Promise<void> {
    if (this.#making) return;
    this.#making = true;
    while (this.#held === undefined && !this.#closed) {
      try {
        this.#held = await this.make();
        this.#failed = '';
      } catch (error) {
        this.#failed = error instanceof Error ? error.message : String(error);
        await new Promise((resolve) => setTimeout(resolve, againMs));
      }
    }
    this.#making = false;
    if (this.#closed) this.#held?.close();
  }

  protected abstract make(): Promise<Held>;
}

export class KeptPublication extends Kept {
  readonly #packetsPerSecond: number;
  readonly #published: (stream: string) => Promise<void>;
  #ready = new Set<string>();
  #endedEarly = new Set<string>();

  /** `published` is called whenever there is another stream, and again if it rejects. */
  constructor(member: Member, packetsPerSecond: number, published: (stream: string) => Promise<void>) {
    super(member);
    this.#packetsPerSecond = packetsPerSecond;
    this.#published = published;
  }

  override hear(notice: Notice): void {
    if (notice.type === 'session-ready') this.#ready.add(notice.session);
    if (notice.type === 'session-ended') this.#endedEarly.add(notice.session);
    super.hear(notice);
  }

  protected async make(): Promise<Held> {
    const request = { media: { tracks: [{ type: 'video' as const, mid: '0', source: 'camera' as const }] } };
    let id = '';
    const publisher = await Publisher.connect(
      async (offer) => {
        const { session, answer } = await exchange(this.member, offer, (sdp) =>
          this.member.ask({ do: 'publish', request, offer: sdp }, readSession),
        );
        id = session.id;
        return answer;
      },
      200,
      this.#packetsPerSecond,
    );
    const stop = publisher.pace(this.#packetsPerSecond);
    const close = (): void => {
      stop();
      publisher.close();
    };
    const deadline = performance.now() + readyMs;
    while (!this.#ready.has(id)) {
      if (performance.now() > deadline || this.#endedEarly.has(id)) {
        close();
        this.member.ask({ do: 'unpublish', request: { id } }, () => undefined).catch(() => undefined);
        throw new Error('not ready');
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    void this.#tell(id);
    return { session: id, close };
  }

  async #tell(id: string): Promise<void> {
    while (!this.#endedEarly.has(id)) {
      try {
        await this.#published(id);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, againMs));
      }
    }
  }
}

export class KeptSubscription extends Kept {
  readonly #source: () => string | undefined;
  #receiver: Receiver | undefined;
  #from = '';

  constructor(member: Member, source: () => string | undefined) {
    super(member);
    this.#source = source;
  }

  /** Packets that came by the subscription there is now; -1 while there is none. */
  get packets(): number {
    return this.session === undefined ? -1 : (this.#receiver?.packets ?? -1);
  }

  override hear(notice: Notice): void {
    super.hear(notice);
    if (notice.type === 'stream-removed' && notice.stream === this.#from && this.session !== undefined)
      this.end();
  }

  protected async make(): Promise<Held> {
    const from = this.#source();
    if (from === undefined) throw new Error('nothing to subscribe to');
    const request = { media: { tracks: [{ type: 'video' as const, mid: '0', from }] } };
    let id = '';
    const receiver = await Receiver.offer(async (offer) => {
      const { session, answer } = await exchange(this.member, offer, (sdp) =>
        this.member.ask({ do: 'subscribe', request, offer: sdp }, readSession),
      );
      id = session.id;
      return answer;
    }, true);
    this.#from = from;
    this.#receiver = receiver;
    return { session: id, close: () => receiver.close() };
  }
}
