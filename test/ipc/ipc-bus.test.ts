// The child's bus and the parent's bridge together: first over an imitated channel through the conformance suite of all
// buses, then with a real child process that dies.
import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createMemoryBus } from '../../edge/platform/memory/bus.ts';
import { nodeClock } from '../../edge/platform/node/clock.ts';
import { bridgeChild, type IpcChild } from '../../edge/platform/node/ipc-bridge.ts';
import { busConformance } from '../../edge/store/conformance/bus.ts';
import type { Bus } from '../../schemas/bus.ts';
import { createIpcBus, type IpcProcess } from '../../workers/agent/ipc-bus.ts';

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Two ends of a channel that copies like the real one. */
function imitatedChannel() {
  const ends = [new EventEmitter(), new EventEmitter()] as const;
  const end = (own: EventEmitter, other: EventEmitter) =>
    Object.assign(own, {
      connected: true,
      send(frame: unknown, done: (error: Error | null) => void) {
        const copy: unknown = structuredClone(frame);
        setImmediate(() => {
          other.emit('message', copy);
          done(null);
        });
        return true;
      },
    });
  const child: IpcProcess = end(ends[0], ends[1]);
  const parent: IpcChild = end(ends[1], ends[0]);
  return { child, parent };
}

busConformance('through IPC', async () => {
  const { child, parent } = imitatedChannel();
  const shared = createMemoryBus({ clock: nodeClock });
  const stop = bridgeChild(shared, parent);
  const port = createIpcBus(child);
  return {
    port,
    advance: sleep,
    close: async () => {
      port.close();
      stop();
      shared.close();
    },
  };
});

describe('bridge', () => {
  it.each([undefined, null, 1, 'x', [], {}, { t: 'publish' }, { t: 'serve', channel: '' }, { t: 'request' }])(
    'ignores the malformed frame %j',
    async (frame) => {
      const { child, parent } = imitatedChannel();
      const bus = createMemoryBus({ clock: nodeClock });
      const stop = bridgeChild(bus, parent);
      (child as unknown as { send(f: unknown, d: () => void): void }).send(frame, () => undefined);
      const port = createIpcBus(child);
      bus.serve('alive', async () => 'yes');
      expect(await port.request('alive', 1, 1000)).toBe('yes');
      stop();
    },
  );

  it('refuses what cannot be sent and goes on', async () => {
    const { child, parent } = imitatedChannel();
    const bus = createMemoryBus({ clock: nodeClock });
    const stop = bridgeChild(bus, parent);
    const port = createIpcBus(child);
    port.serve('odd', async () => () => 'a function cannot be cloned');
    port.serve('even', async () => 'fine');
    await sleep(5);
    await expect(bus.request('odd', 1, 1000)).rejects.toMatchObject({ code: 'internal' });
    await expect(bus.request('even', () => 1, 1000)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await bus.request('even', 1, 1000)).toBe('fine');
    stop();
  });
});

describe('a real child process', () => {
  let folder = '';
  let bus: Bus;
  let child: ChildProcess;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-ipc-'));
    await build({
      entryPoints: [join(import.meta.dirname, '../../workers/agent/ipc-bus.ts')],
      outfile: join(folder, 'ipc-bus.mjs'),
      bundle: true,
      platform: 'node',
      format: 'esm',
    });
    await writeFile(
      join(folder, 'child.mjs'),
      `import { createIpcBus } from './ipc-bus.mjs';
       const bus = createIpcBus(process);
       process.on('disconnect', () => process.exit());
       bus.serve('echo', async (message) => message);
       bus.serve('never', () => new Promise(() => undefined));
       bus.serve('ask', async (message) => bus.request('parent', message, 1000));
       bus.subscribe('to-child', (message) => bus.publish('from-child', message));
       bus.publish('ready', 1);`,
    );
  });
  afterAll(() => rm(folder, { recursive: true }));

  beforeEach(async () => {
    bus = createMemoryBus({ clock: nodeClock });
    const ready = new Promise((resolve) => bus.subscribe('ready', resolve));
    child = fork(join(folder, 'child.mjs'), { serialization: 'advanced' });
    bridgeChild(bus, child);
    await ready;
  });
  afterEach(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    }
    bus.close();
  });

  it('answers requests, bytes included, and asks in its turn', async () => {
    const message = { text: 'ü', bytes: new Uint8Array([1, 2, 255]) };
    expect(await bus.request('echo', message, 5000)).toEqual(message);
    bus.serve('parent', async (asked) => [asked, 'answered']);
    expect(await bus.request('ask', 7, 5000)).toEqual([7, 'answered']);
  });

  it('hears and publishes in order', async () => {
    const heard: unknown[] = [];
    const all = new Promise<void>((resolve) =>
      bus.subscribe('from-child', (message) => {
        heard.push(message);
        if (heard.length === 100) resolve();
      }),
    );
    for (let number = 0; number < 100; number += 1) bus.publish('to-child', number);
    await all;
    expect(heard).toEqual(Array.from({ length: 100 }, (_, index) => index));
  });

  it('its death rejects what is outstanding and takes its channels along', async () => {
    const outcome = bus.request('never', 1, 60_000).catch((error: unknown) => error);
    await bus.request('echo', 1, 5000);
    child.kill('SIGKILL');
    expect(await outcome).toMatchObject({ code: 'unavailable' });
    const before = Date.now();
    await expect(bus.request('echo', 1, 60_000)).rejects.toMatchObject({ code: 'unavailable' });
    expect(Date.now() - before).toBeLessThan(5000);
  });

  it('ends by itself when its parent closes the channel', async () => {
    const ended = once(child, 'exit');
    child.disconnect();
    await ended;
    await expect(bus.request('echo', 1, 1000)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
