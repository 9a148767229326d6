// Owns the contract of the bus between edges and workers: what an implementation promises, and the frames by which a
// child process reaches its parent's bus. Messages are plain data (what MessagePack can carry); each is checked by its
// receiver against `worker.ts`.
import * as v from 'valibot';

export type Unsubscribe = () => void;

/**
 * Publish/subscribe and request/reply. Delivery is at most once and ordered per publisher and channel. Handlers never
 * throw into the bus: a rejected `serve` handler becomes a rejected `request` (SluiceError when it was one).
 */
export interface Bus {
  publish(channel: string, message: unknown): void;
  subscribe(channel: string, handler: (message: unknown) => void): Unsubscribe;
  /** Rejects with SluiceError `unavailable` when nobody serves the channel or no reply came within `timeoutMs`. */
  request(channel: string, message: unknown, timeoutMs: number): Promise<unknown>;
  /** One server a channel; a second replaces the first. */
  serve(channel: string, handler: (message: unknown) => Promise<unknown>): Unsubscribe;
  close(): void;
}

/** Frames on the IPC channel of a child process (structured clone). `id` numbers requests per direction. */
export type IpcFrame =
  | { readonly t: 'publish'; readonly channel: string; readonly message: unknown }
  | { readonly t: 'subscribe' | 'unsubscribe' | 'serve' | 'unserve'; readonly channel: string }
  | {
      readonly t: 'request';
      readonly id: number;
      readonly channel: string;
      readonly message: unknown;
      readonly timeoutMs: number;
    }
  | { readonly t: 'reply'; readonly id: number; readonly ok: true; readonly message: unknown }
  | {
      readonly t: 'reply';
      readonly id: number;
      readonly ok: false;
      readonly code: string;
      readonly message: string;
    };

const channelName = v.pipe(v.string(), v.minLength(1), v.maxLength(256));
const requestId = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const anything = v.optional(v.unknown());

/** Checks an `IpcFrame` from the other process; the message inside is checked by who gets it. */
export const ipcFrameSchema = v.variant('t', [
  v.object({ t: v.literal('publish'), channel: channelName, message: anything }),
  v.object({ t: v.picklist(['subscribe', 'unsubscribe', 'serve', 'unserve']), channel: channelName }),
  v.object({
    t: v.literal('request'),
    id: requestId,
    channel: channelName,
    message: anything,
    timeoutMs: v.pipe(v.number(), v.minValue(1), v.maxValue(600_000)),
  }),
  v.variant('ok', [
    v.object({ t: v.literal('reply'), id: requestId, ok: v.literal(true), message: anything }),
    v.object({
      t: v.literal('reply'),
      id: requestId,
      ok: v.literal(false),
      code: v.string(),
      message: v.string(),
    }),
  ]),
]);

/** The name of a home: a region whose Redis rooms live in (edge/store/homes.ts). */
export const homeNameSchema = v.pipe(
  v.string(),
  v.regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 of A-Z a-z 0-9 _ . -'),
);

/** A channel on the bus of that home alone; without a name, on the one beside the directory. */
export function channelAt(home: string | undefined, channel: string): string {
  return home === undefined ? channel : `${channel}@${home}`;
}

/** What `channelAt` put together. */
export function splitChannel(name: string): { readonly home?: string; readonly channel: string } {
  const at = name.lastIndexOf('@');
  return at < 0 ? { channel: name } : { home: name.slice(at + 1), channel: name.slice(0, at) };
}

/** Channel names. Workers and edges serve their own; a room's conductor serves the room's reports and commands. */
export const channels = {
  workers: 'workers',
  worker: (id: string) => `worker.${id}`,
  /** A worker host; what it is asked: `device.ts`. */
  host: (id: string) => `host.${id}`,
  /** What is asked and answered here: `cluster.ts`. */
  edge: (id: string) => `edge.${id}`,
  reports: (room: string) => `room.${room}.reports`,
  commands: (room: string) => `room.${room}.commands`,
  /** Edges near a room's log say here that they could conduct it. */
  nearer: (room: string) => `room.${room}.nearer`,
  /** Published by the conductor that loses against the others: they leave deciding to it for a while. */
  outrun: (room: string) => `room.${room}.outrun`,
} as const;
