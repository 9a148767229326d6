// Owns the parent's end of a child process's bus: carries the child's frames to the bus of this process and back
// (schemas/bus.ts). It does not start or end the child.
import * as v from 'valibot';
import { ipcFrameSchema, type Bus, type IpcFrame, type Unsubscribe } from '../../../schemas/bus.ts';
import { errorOf, refusalOf, SluiceError } from '../../../schemas/error.ts';

/** What is needed of a `ChildProcess` forked with `serialization: 'advanced'`. */
export interface IpcChild {
  readonly connected: boolean;
  send(frame: IpcFrame, done: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'exit' | 'disconnect', listener: () => void): unknown;
  off(event: 'message', listener: (message: unknown) => void): unknown;
  off(event: 'exit' | 'disconnect', listener: () => void): unknown;
}

interface Outstanding {
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: SluiceError) => void;
  readonly timer: NodeJS.Timeout;
}

const maxChannels = 100_000;
const maxOutstanding = 10_000;
/** Frames given to a child that does not read: beyond this they are dropped, requests refused. */
const maxUnsent = 10_000;
/** A requester has its own, shorter patience; this only bounds our memory of it. */
const forgetAfterMs = 60_000;

/** Joins a child to the bus until it ends or the result is called; then its channels are gone and its callers told. */
export function bridgeChild(bus: Bus, child: IpcChild): Unsubscribe {
  const subscribed = new Map<string, Unsubscribe>();
  const served = new Map<string, Unsubscribe>();
  const outstanding = new Map<number, Outstanding>();
  let lastId = 0;
  let incoming = 0;
  let unsent = 0;
  let ended = false;

  function send(frame: IpcFrame): boolean {
    if (ended || !child.connected || unsent >= maxUnsent) return false;
    unsent += 1;
    try {
      child.send(frame, () => {
        unsent -= 1;
      });
      return true;
    } catch {
      // What cannot be cloned is thrown here; the callback is not called then.
      unsent -= 1;
      return false;
    }
  }

  function ask(channel: string, message: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const id = ++lastId;
      const timeoutMs = forgetAfterMs;
      if (outstanding.size >= maxOutstanding || !send({ t: 'request', id, channel, message, timeoutMs })) {
        reject(new SluiceError('unavailable', `Nobody serves ${channel}`));
        return;
      }
      const timer = setTimeout(() => {
        outstanding.delete(id);
        reject(new SluiceError('unavailable', `No reply from ${channel}`));
      }, forgetAfterMs);
      timer.unref();
      outstanding.set(id, { resolve, reject, timer });
    });
  }

  function answer(id: number, channel: string, message: unknown, timeoutMs: number): void {
    if (incoming >= maxOutstanding) {
      send({ t: 'reply', id, ok: false, code: 'unavailable', message: 'Too many requests' });
      return;
    }
    incoming += 1;
    bus
      .request(channel, message, timeoutMs)
      .then(
        (reply) => send({ t: 'reply', id, ok: true, message: reply }),
        (error: unknown) => send({ t: 'reply', id, ok: false, ...refusalOf(error) }),
      )
      .finally(() => {
        incoming -= 1;
      });
  }

  function take(id: number): Outstanding | undefined {
    const found = outstanding.get(id);
    outstanding.delete(id);
    clearTimeout(found?.timer);
    return found;
  }

  function open(channels: Map<string, Unsubscribe>, channel: string, start: () => Unsubscribe): void {
    channels.get(channel)?.();
    if (channels.size < maxChannels) channels.set(channel, start());
  }

  function close(channels: Map<string, Unsubscribe>, channel: string): void {
    channels.get(channel)?.();
    channels.delete(channel);
  }

  function receive(raw: unknown): void {
    const parsed = v.safeParse(ipcFrameSchema, raw);
    if (!parsed.success) return;
    const frame = parsed.output;
    switch (frame.t) {
      case 'publish':
        bus.publish(frame.channel, frame.message);
        return;
      case 'subscribe': {
        const { channel } = frame;
        open(subscribed, channel, () =>
          bus.subscribe(channel, (message) => send({ t: 'publish', channel, message })),
        );
        return;
      }
      case 'unsubscribe':
        close(subscribed, frame.channel);
        return;
      case 'serve': {
        const { channel } = frame;
        open(served, channel, () => bus.serve(channel, (message) => ask(channel, message)));
        return;
      }
      case 'unserve':
        close(served, frame.channel);
        return;
      case 'request':
        answer(frame.id, frame.channel, frame.message, frame.timeoutMs);
        return;
      case 'reply':
        if (frame.ok) take(frame.id)?.resolve(frame.message);
        else take(frame.id)?.reject(errorOf(frame));
    }
  }

  function end(): void {
    if (ended) return;
    ended = true;
    child.off('message', receive);
    child.off('exit', end);
    child.off('disconnect', end);
    for (const stop of [...subscribed.values(), ...served.values()]) stop();
    subscribed.clear();
    served.clear();
    for (const id of [...outstanding.keys()]) {
      take(id)?.reject(new SluiceError('unavailable', 'The process has ended'));
    }
  }

  child.on('message', receive);
  child.on('exit', end);
  child.on('disconnect', end);
  return end;
}
