// Owns the child's end of the bus: everything goes through the parent process over Node's IPC channel
// (schemas/bus.ts).
import * as v from 'valibot';
import { ipcFrameSchema, type Bus, type IpcFrame, type Unsubscribe } from '../../schemas/bus.ts';
import { errorOf, refusalOf, SluiceError } from '../../schemas/error.ts';

/** What is needed of Node's `process` in a child forked with `serialization: 'advanced'`. */
export interface IpcProcess {
  readonly connected: boolean;
  /** Absent in a process that was not forked. */
  readonly send?: ((frame: IpcFrame, done: (error: Error | null) => void) => boolean) | undefined;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'disconnect', listener: () => void): unknown;
}

interface Outstanding {
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: SluiceError) => void;
  readonly timer: NodeJS.Timeout;
}
type Listener = (message: unknown) => void;
type Server = (message: unknown) => Promise<unknown>;

const maxOutstanding = 10_000;
/** Frames given to a parent that does not read: beyond this they are dropped, requests refused. */
const maxUnsent = 10_000;

/** The bus of a child process. After the parent is gone nothing arrives and every request rejects `unavailable`. */
export function createIpcBus(parent: IpcProcess): Bus {
  const listeners = new Map<string, Set<Listener>>();
  const servers = new Map<string, Server>();
  const outstanding = new Map<number, Outstanding>();
  let lastId = 0;
  let unsent = 0;
  let closed = false;

  function send(frame: IpcFrame): boolean {
    if (closed || !parent.connected || !parent.send || unsent >= maxUnsent) return false;
    unsent += 1;
    try {
      parent.send(frame, () => {
        unsent -= 1;
      });
      return true;
    } catch {
      unsent -= 1;
      return false;
    }
  }

  function deliver(channel: string, message: unknown): void {
    for (const listener of [...(listeners.get(channel) ?? [])]) {
      if (!listeners.get(channel)?.has(listener)) continue;
      try {
        listener(message);
      } catch {
        // The contract: handlers never throw into the bus.
      }
    }
  }

  async function serve(id: number, channel: string, message: unknown): Promise<void> {
    try {
      const server = servers.get(channel);
      if (!server) throw new SluiceError('unavailable', `Nobody serves ${channel}`);
      const reply = await server(message);
      if (!send({ t: 'reply', id, ok: true, message: reply })) {
        throw new SluiceError('internal', 'The reply cannot be sent');
      }
    } catch (error) {
      send({ t: 'reply', id, ok: false, ...refusalOf(error) });
    }
  }

  function take(id: number): Outstanding | undefined {
    const found = outstanding.get(id);
    outstanding.delete(id);
    clearTimeout(found?.timer);
    return found;
  }

  function receive(raw: unknown): void {
    const parsed = v.safeParse(ipcFrameSchema, raw);
    if (!parsed.success) return;
    const frame = parsed.output;
    if (frame.t === 'publish') deliver(frame.channel, frame.message);
    else if (frame.t === 'request') void serve(frame.id, frame.channel, frame.message);
    else if (frame.t === 'reply') {
      if (frame.ok) take(frame.id)?.resolve(frame.message);
      else take(frame.id)?.reject(errorOf(frame));
    }
  }

  function close(): void {
    if (closed) return;
    closed = true;
    parent.off('message', receive);
    parent.off('disconnect', close);
    listeners.clear();
    servers.clear();
    for (const id of [...outstanding.keys()]) {
      take(id)?.reject(new SluiceError('unavailable', 'The bus is closed'));
    }
  }

  parent.on('message', receive);
  parent.on('disconnect', close);

  return {
    publish(channel, message) {
      send({ t: 'publish', channel, message });
    },
    subscribe(channel, handler): Unsubscribe {
      const listener: Listener = (message) => {
        handler(message);
      };
      const all = listeners.get(channel) ?? new Set();
      if (all.size === 0) send({ t: 'subscribe', channel });
      listeners.set(channel, all.add(listener));
      return () => {
        if (!all.delete(listener) || all.size > 0 || listeners.get(channel) !== all) return;
        listeners.delete(channel);
        send({ t: 'unsubscribe', channel });
      };
    },
    request(channel, message, timeoutMs) {
      return new Promise((resolve, reject) => {
        const id = ++lastId;
        const bounded = Math.min(600_000, Math.max(1, timeoutMs));
        const frame = { t: 'request', id, channel, message, timeoutMs: bounded } as const;
        if (outstanding.size >= maxOutstanding || !send(frame)) {
          reject(new SluiceError('unavailable', 'The bus cannot be reached'));
          return;
        }
        const timer = setTimeout(() => {
          take(id)?.reject(new SluiceError('unavailable', `No reply from ${channel}`));
        }, bounded);
        outstanding.set(id, { resolve, reject, timer });
      });
    },
    serve(channel, handler): Unsubscribe {
      const server: Server = (message) => handler(message);
      servers.set(channel, server);
      send({ t: 'serve', channel });
      return () => {
        if (servers.get(channel) !== server) return;
        servers.delete(channel);
        send({ t: 'unserve', channel });
      };
    },
    close() {
      for (const channel of listeners.keys()) send({ t: 'unsubscribe', channel });
      for (const channel of servers.keys()) send({ t: 'unserve', channel });
      close();
    },
  };
}
