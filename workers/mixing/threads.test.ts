import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DesiredRoom, ReportItem } from '../../schemas/worker.ts';
import { loadAddon } from '../../native/load-addon.ts';
import { describeBuilt, freshVideo } from '../../wasm/scripted-modules.ts';
import type { EngineChoice } from '../engine/engine-choice.ts';
import { steadyClock } from '../agent/system.ts';
import type { StoredPacket } from '../rtp/history.ts';
import { parseRtp, RtpHeader } from '../rtp/packet.ts';
import { Routers } from '../routing/routers.ts';
import { Source, type PacketSink } from '../routing/source.ts';
import { colours, ScriptedCamera } from '../video/scripted-camera.ts';
import { ScriptedScreen } from '../video/scripted-screen.ts';
import { gridInputs, outputOf, viewOf } from '../video/scripted-view.ts';
import { testPayload } from '../webrtc/testing/test-media.ts';
import type { MixNode } from './node.ts';
import { startMixing } from './start-mixing.ts';

const room = 'r';
const output = 'r-common/vp8';
const settings = viewOf(gridInputs(['in'], 1), [outputOf(output, { framerate: 24 })]);
const wish = (version: number, mixers: DesiredRoom['mixers'] = [settings]): DesiredRoom => ({
  room,
  version,
  transports: [],
  mixers,
});

/** Bundled threads run from elsewhere: they are told where the addon is. */
const loaded = loadAddon();
const nativeFolder = loaded.addon === undefined ? undefined : dirname(loaded.file);
const capabilities: EngineChoice['capabilities'] = {
  decode: [{ codec: 'vp8' }],
  encode: [{ codec: 'vp8' }],
  maxSize: 4096,
};

/** A machine with far more to do than cores, on which everything takes its multiple. */
const isCrowded = (): boolean => (loadavg()[0] ?? 0) > 2 * availableParallelism();

/** Puts an output's packets together again as its subscribers would, and shows them. */
class Viewer implements PacketSink {
  frames = 0;
  /** Of all pictures. */
  readonly colours = new Set<string | undefined>();
  #payloads: Uint8Array[] = [];
  #key = false;
  #started = false;
  readonly #screen: ScriptedScreen;
  readonly #watchers = new Set<() => void>();

  constructor(screen: ScriptedScreen) {
    this.#screen = screen;
  }

  get colour(): string | undefined {
    return this.frames === 0 ? undefined : this.#screen.name(0.5, 0.5);
  }

  awaits(): boolean {
    return !this.#started;
  }

  forward(_: Source, { payload, marker, timestamp, keyFrame }: StoredPacket): void {
    if (!this.#started && !keyFrame) return;
    const isKey = this.#payloads.length === 0 ? keyFrame : this.#key;
    this.#key = isKey;
    this.#started = true;
    this.#payloads.push(payload);
    if (!marker) return;
    this.#screen.take({ output, payloads: this.#payloads, atMs: 0, timestamp, marker: true, key: isKey });
    this.#payloads = [];
    this.frames++;
    this.colours.add(this.colour);
    for (const look of [...this.#watchers]) look();
  }

  refresh(): void {
    this.#started = false;
    this.#payloads = [];
  }

  ended(): void {}

  until(holds: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (!holds()) return;
        this.#watchers.delete(look);
        resolve();
      };
      this.#watchers.add(look);
      look();
    });
  }
}

describeBuilt('mixing in real threads', () => {
  let folder: string;
  let node: MixNode;
  let routers: Routers;
  let reports: ReportItem[];
  let camera: ScriptedCamera;
  let source: Source;
  let viewer: Viewer;
  let stopCamera: () => void;
  const ended: (() => void)[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-mixing-'));
    await build({
      entryPoints: [join(import.meta.dirname, 'thread.ts')],
      outfile: join(folder, 'thread.mjs'),
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
    });
  });
  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const start = (engines: readonly EngineChoice[] = []): Promise<MixNode> =>
    startMixing({
      engines,
      ...(nativeFolder === undefined ? {} : { nativeFolder }),
      routers,
      clock: steadyClock,
      log: { info: () => undefined, warn: () => undefined, error: () => undefined },
      report: (_, items) => reports.push(...items),
      program: pathToFileURL(join(folder, 'thread.mjs')),
      wedgeable: true,
    });

  beforeEach(async () => {
    reports = [];
    routers = new Routers();
    node = await start();
    const video = await freshVideo();
    camera = new ScriptedCamera(video, { line: 1, input: 'in', codec: 'vp8' });
    camera.colour = colours.red;
    source = new Source({
      track: 'in-track',
      kind: 'video',
      rid: undefined,
      payload: testPayload(camera.line.payloadType, 'vp8'),
      redType: undefined,
      feedback: { nack: () => undefined, pli: () => (camera.key = true) },
      resized: () => undefined,
    });
    source.bind(1001);
    routers.of(room).publish(source, steadyClock.now());
    const header = new RtpHeader();
    stopCamera = steadyClock.every(33, () => {
      const nowMs = steadyClock.now();
      for (const packet of camera.shoot(nowMs)) {
        if (parseRtp(packet, header)) source.receive(packet, header, nowMs, false);
      }
      source.tick(nowMs);
    });
    viewer = new Viewer(new ScriptedScreen(video, 'vp8'));
    routers.of(room).subscribe(output, { select: (from) => from.add(viewer) }, 0);
    ended.push(stopCamera);
  });

  afterEach(() => {
    for (const end of ended.splice(0)) end();
    node.close();
  });

  it('shows what is published, and what it changes to', async () => {
    node.apply(wish(1));
    await viewer.until(() => viewer.colour === 'red');
    camera.colour = colours.blue;
    await viewer.until(() => viewer.colour === 'blue');
  });

  it('shows who joins shortly after another a picture without delay', async () => {
    node.apply(wish(1));
    await viewer.until(() => viewer.frames > 0);
    const from = routers.of(room).source(output);
    for (let joined = 0; joined < 2; joined++) {
      const next = new Viewer(new ScriptedScreen(await freshVideo(), 'vp8'));
      const began = steadyClock.now();
      from?.add(next);
      from?.requestKeyFrame(began);
      await next.until(() => next.frames > 0);
      expect(steadyClock.now() - began).toBeLessThan(isCrowded() ? 2000 : 250);
    }
  });

  it.each(['kill', 'wedge'] as const)('goes on within a second after a %s of its thread', async (how) => {
    node.apply(wish(1));
    await viewer.until(() => viewer.frames > 10);
    camera.colour = colours.green;
    const before = routers.of(room).source(output)?.ssrc;
    const began = steadyClock.now();
    node.disturb(how, 'video');
    await viewer.until(() => viewer.colour === 'green' && routers.of(room).source(output)?.ssrc !== before);
    const tookMs = steadyClock.now() - began;
    expect(tookMs).toBeLessThan(isCrowded() ? 4000 : 1000);
  });

  describe.skipIf(nativeFolder === undefined)('on native engines', () => {
    const begin = async (...ids: EngineChoice['id'][]): Promise<void> => {
      node.close();
      node = await start(ids.map((id) => ({ id, capabilities })));
      node.apply(wish(1));
    };
    const told = async (wanted: object): Promise<void> => {
      await expect.poll(() => node.stats(room), { timeout: 5000 }).toMatchObject([wanted]);
    };

    it('shows what is published, and what it changes to', async () => {
      await begin('cpu');
      await viewer.until(() => viewer.colour === 'red');
      camera.colour = colours.blue;
      await viewer.until(() => viewer.colour === 'blue');
      await told({ engine: 'cpu', fallbacks: 0, rebuilds: 0 });
    });

    it('goes on with the next one where there is no such device', async () => {
      await begin('vaapi', 'cpu');
      await viewer.until(() => viewer.colour === 'red');
      await told({
        engine: 'cpu',
        fallbacks: 1,
        fallbackReason: expect.stringContaining('vaapi') as unknown,
      });
    });

    it('goes on without an empty picture after its thread was killed with a session alive', async () => {
      await begin('cpu');
      await viewer.until(() => viewer.colour === 'red');
      viewer.colours.clear();
      for (let round = 0; round < 3; round++) {
        const shown = viewer.frames;
        await viewer.until(() => viewer.frames > shown + 5);
        const before = routers.of(room).source(output)?.ssrc;
        node.disturb('kill', 'video');
        await viewer.until(() => routers.of(room).source(output)?.ssrc !== before && viewer.frames > 0);
        const seen = viewer.frames;
        await viewer.until(() => viewer.frames > seen + 5);
      }
      if (!isCrowded()) expect([...viewer.colours]).toEqual(['red']);
    });
  });

  it.runIf(existsSync('/proc/self/task'))('leaves no thread behind', async () => {
    const threads = (): number => readdirSync('/proc/self/task').length;
    node.apply(wish(1));
    await viewer.until(() => viewer.frames > 0);
    const running = threads();
    for (let version = 2; version < 22; version += 2) {
      node.apply(wish(version, []));
      node.apply(wish(version + 1));
      const seen = viewer.frames;
      await viewer.until(() => viewer.frames > seen);
    }
    node.apply(wish(22, []));
    await expect.poll(threads, { timeout: 10_000 }).toBeLessThan(running);
  });
});
