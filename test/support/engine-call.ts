// Owns a call of four browsers in a mixed room on a server with chosen engines: everybody's camera in the view, which two
// receive as H.264 and two as VP8, and what is told and seen of the engine behind it. It knows no expectations.
import type { VideoMixerStats } from '../../schemas/worker.ts';
import type { TestBrowser } from './browser.ts';
import type { LookName } from './cast.ts';
import { MixedRoom } from './mixed-room.ts';
import { camera, type Place, Player, placesOf, seesWhatItIsTold, watchMixed } from './mixed-scene.ts';
import { MixingGuest } from './mixing-guest.ts';
import type { Continuity } from './mixing-report.ts';
import { type RunningSluice, startSluice } from './server.ts';

export interface EngineCallOptions {
  /** The preferred one first. */
  readonly engines: readonly string[];
  /** Of the server, for example with a simulated GPU. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Small: all of it is made, sent, shown and read on one machine, whose simulated GPU is its processor. */
const size = { width: 320, height: 240 };
const cast = ['red', 'green', 'blue', 'yellow'] as const satisfies readonly LookName[];
const patienceMs = 20_000;
const mostStarts = 4;

export class EngineCall {
  readonly server: RunningSluice;
  readonly room: MixedRoom;
  readonly players: readonly Player[];

  private constructor(server: RunningSluice, room: MixedRoom, players: readonly Player[]) {
    this.server = server;
    this.room = room;
    this.players = players;
  }

  /** Resolves once all four play the view. */
  static async start(browser: TestBrowser, { engines, env = {} }: EngineCallOptions): Promise<EngineCall> {
    const server = await startOn(engines, env);
    try {
      const room = await MixedRoom.create(server.url, {
        views: [{ label: 'common', video: { parameters: { resolution: size, framerate: 24 } } }],
      });
      const players = await Promise.all(
        cast.map(async (look, index) => {
          const page = await MixingGuest.join(browser, server.url, room.id, { user: look });
          const codec = index % 2 === 0 ? 'h264' : 'vp8';
          const stream = await page.ask('publish', { ...camera, look, codec });
          await page.ask('receiveOnly', index < 2 ? 'h264' : 'vp8');
          return new Player(page, look, stream);
        }),
      );
      for (const { stream } of players) await room.mix(stream);
      const call = new EngineCall(server, room, players);
      await watchMixed(room, call.pages);
      return call;
    } catch (error) {
      const output = server.output();
      await server.stop();
      throw new Error(`the call did not begin\n${output}`, { cause: error });
    }
  }

  get pages(): readonly MixingGuest[] {
    return this.players.map(({ page }) => page);
  }

  /** Resolves once each page shows by its pixels the layout that it was told, which is `looks`. */
  async see(looks: readonly (LookName | undefined)[] = cast): Promise<readonly Place[]> {
    const [places = []] = await Promise.all(
      this.pages.map((page) => seesWhatItIsTold(page, this.room, this.players, looks, size)),
    );
    return places;
  }

  /** Shows the same regions with others in them. */
  async arrange(looks: readonly LookName[]): Promise<void> {
    const regions = (await this.room.layout()).map(({ region }) => region);
    const layout = looks.flatMap((look, index) => {
      const region = regions[index];
      const stream = this.players.find((player) => player.look === look)?.stream;
      return region === undefined || stream === undefined ? [] : [{ region, stream }];
    });
    await this.room.setLayout(layout);
  }

  /** What is told of the view's mixer; rejects while nothing is. */
  async stats(): Promise<VideoMixerStats> {
    const video = (await this.room.mixers()).filter((mixer) => mixer.kind === 'video');
    const [only] = video;
    if (only === undefined || video.length > 1) throw new Error(`${video.length} video mixers`);
    return only;
  }

  /** Resolves once the view is told to be made by this engine. */
  async runsOn(engine: string): Promise<VideoMixerStats> {
    const [{ page }] = this.players as [Player];
    return page.guest.until(
      () => this.stats(),
      (stats) => stats.engine === engine && stats.framerate.made > 0,
      `is mixed by ${engine}`,
      patienceMs,
    );
  }

  /** Of each page, how steadily its view went on while `happens`, and until it plays again for a while. */
  async watch(happens: () => Promise<void>): Promise<readonly Continuity[]> {
    const layout = await this.room.layout();
    const areas = placesOf(layout, this.players, size).map(({ area }) => area);
    await Promise.all(this.pages.map((page) => page.ask('keepWatching', 'mixed', areas)));
    await Promise.all(this.pages.map((page) => page.plays('mixed', 10)));
    await happens();
    await Promise.all(this.pages.map((page) => page.plays('mixed', 25)));
    return Promise.all(this.pages.map((page) => page.ask('continuity', 'mixed')));
  }

  /** Who is missing in the room or on a page that had to connect again. */
  async troubles(): Promise<readonly string[]> {
    const present = await this.room.participants();
    const troubles = await Promise.all(
      this.pages.map(async (page) => {
        const states = await page.ask('states');
        return [
          ...(present.includes(page.id) ? [] : [`${page.guest.name} is not in the room`]),
          ...states.filter((state) => /reconnecting|recovering|closed|ended|failed/.test(state)),
        ];
      }),
    );
    return troubles.flat();
  }

  async close(): Promise<void> {
    await Promise.all(this.pages.map((page) => page.guest.close()));
    await this.server.stop();
  }
}

/**
 * A server whose workers have all these engines. On a crowded machine trying one may take longer than a start waits; what
 * was found to work is remembered, so that the next start tries less.
 */
async function startOn(
  engines: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<RunningSluice> {
  const troubles: unknown[] = [];
  while (troubles.length < mostStarts) {
    try {
      const server = await startSluice({ env: { ...env, SLUICE_MEDIA_ENGINES: engines.join() } });
      const refused = /an engine is not used.*/.exec(server.output());
      if (refused === null) return server;
      troubles.push(refused[0]);
      await server.stop();
    } catch (error) {
      troubles.push(error);
    }
  }
  throw new AggregateError(troubles, `no server with ${engines.join()}: ${troubles.join('; ')}`);
}
