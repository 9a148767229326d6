// Owns seeing in Redis who acts as the owner of a room: who holds its lease, with which fencing token, and which documents
// are sent to workers and taken by them.
import { decode } from '@msgpack/msgpack';
import * as v from 'valibot';
import { roomLease } from '../../../edge/rooms/room-lease.ts';
import type { ScriptedRedis } from '../../../edge/platform/redis/scripted-redis.ts';
import type { Record } from './record.ts';

const everyMs = 100;
const unansweredMs = 15_000;
/** Its connections are not among those that a fault cuts. */
export const watchName = 'chaos-watch';

const requestSchema = v.object({
  id: v.number(),
  from: v.string(),
  message: v.object({
    type: v.literal('desired'),
    desired: v.object({ room: v.string(), version: v.number(), fence: v.optional(v.number(), 0) }),
  }),
});
const replySchema = v.object({ id: v.number(), ok: v.boolean() });
const leaseScript = `local t = {} for i, key in ipairs(KEYS) do t[i] = redis.call('GET', key) or '' end return t`;

interface Asked {
  readonly worker: string;
  readonly room: string;
  readonly sender: string;
  readonly fence: number;
  readonly version: number;
  readonly askedAt: number;
  readonly cancel: NodeJS.Timeout;
}

export class OwnerWatch {
  readonly #record: Record;
  readonly #rooms: readonly string[];
  readonly #listening: ScriptedRedis['admin'];
  readonly #asking: ScriptedRedis['admin'];
  readonly #timer: NodeJS.Timeout;
  readonly #asked = new Map<string, Asked>();
  readonly #held = new Map<string, string>();

  constructor(admin: ScriptedRedis['admin'], rooms: readonly string[], record: Record) {
    this.#record = record;
    this.#rooms = rooms;
    const again = { retryStrategy: () => 100, connectionName: watchName };
    this.#listening = admin.duplicate(again);
    this.#asking = admin.duplicate({ ...again, maxRetriesPerRequest: 0 });
    for (const each of [this.#listening, this.#asking]) each.on('error', () => undefined);
    this.#listening.on('pmessageBuffer', (_pattern: Buffer, channel: Buffer, bytes: Buffer) =>
      this.#take(channel.toString(), bytes),
    );
    this.#listening.psubscribe('sluice:serve:{worker.*', 'sluice:inbox:*').catch(() => undefined);
    this.#timer = setInterval(() => void this.#look(), everyMs);
  }

  close(): void {
    clearInterval(this.#timer);
    for (const { cancel } of this.#asked.values()) clearTimeout(cancel);
    this.#listening.disconnect();
    this.#asking.disconnect();
  }

  /** Who holds the room's lease, as seen last. */
  holder(room: string): string | undefined {
    return this.#held.get(room);
  }

  /** Takes the lease away from whoever has it, who does not know. */
  async robLease(room: string): Promise<void> {
    await this.#asking.del(`sluice:lease:{${roomLease(room)}}`);
  }

  async #look(): Promise<void> {
    for (const room of this.#rooms) {
      const key = `sluice:lease:{${roomLease(room)}}`;
      try {
        const reply: unknown = await this.#asking.eval(leaseScript, 2, key, `${key}:token`);
        const [holder = '', token = ''] = v.parse(v.array(v.string()), reply);
        if (holder === '') continue;
        this.#held.set(room, holder);
        this.#record.lease({ room, holder, token: Number(token) });
      } catch {
        // Redis is away.
      }
    }
  }

  #take(channel: string, bytes: Uint8Array): void {
    const worker = /\{worker\.([^}]+)\}/.exec(channel)?.[1];
    if (worker === undefined) this.#reply(/inbox:\{([^}]+)\}/.exec(channel)?.[1] ?? '', bytes);
    else this.#request(worker, bytes);
  }

  #request(worker: string, bytes: Uint8Array): void {
    const request = v.safeParse(requestSchema, decode(bytes));
    if (!request.success) return;
    const { id, from, message } = request.output;
    const { room, version, fence } = message.desired;
    const key = `${from} ${id}`;
    // One that reached nobody is sent again.
    if (this.#asked.has(key)) return;
    const cancel = setTimeout(() => this.#settle(key, 'unanswered'), unansweredMs);
    this.#asked.set(key, { worker, room, sender: from, fence, version, askedAt: performance.now(), cancel });
  }

  #reply(bus: string, bytes: Uint8Array): void {
    const reply = v.safeParse(replySchema, decode(bytes));
    if (reply.success) this.#settle(`${bus} ${reply.output.id}`, reply.output.ok ? 'taken' : 'refused');
  }

  #settle(key: string, outcome: 'taken' | 'refused' | 'unanswered'): void {
    const asked = this.#asked.get(key);
    if (asked === undefined) return;
    this.#asked.delete(key);
    const { cancel, ...document } = asked;
    clearTimeout(cancel);
    this.#record.document({ ...document, answeredAt: performance.now(), outcome });
  }
}
