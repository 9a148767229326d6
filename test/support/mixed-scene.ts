// Owns a mixed room as the pages of its participants show it: who is where in the picture by the layout that was told, and
// whose tones are heard. Publishing and the layout itself are the callers'.
import type { LayoutEntry, MixedStreamInfo } from '../../schemas/stream.ts';
import type { LookName } from './cast.ts';
import { type MixedRoom, pictureArea, type Size } from './mixed-room.ts';
import type { MixingGuest } from './mixing-guest.ts';
import type { Area, SubscribeWish } from './mixing-report.ts';

/** A view as it is where nothing else is said, and what participants publish here. */
export const view = { width: 640, height: 480, framerate: 24 };
export const camera = { width: 320, height: 180 };
/** A tone comes at some -30 dB; what an encoder makes of other tones stays 25 dB below them. */
const heardDb = -45;
const unheardDb = -52;

/** Somebody whose picture and tone are in the room. */
export class Player {
  readonly page: MixingGuest;
  readonly look: LookName;
  readonly stream: string;

  constructor(page: MixingGuest, look: LookName, stream: string) {
    this.page = page;
    this.look = look;
    this.stream = stream;
  }
}

/** Resolves once all of them play the room's mixed stream. */
export async function watchMixed(room: MixedRoom, pages: readonly MixingGuest[], wish: SubscribeWish = {}) {
  await Promise.all(
    pages.map(async (page) => {
      await page.stream(({ id }) => id === room.mixed(), 'the mixed stream');
      await page.ask('subscribe', 'mixed', room.mixed(), wish);
    }),
  );
  await Promise.all(pages.map((page) => page.plays('mixed')));
}

/** The layout as this page was told of it. */
export async function toldLayout(page: MixingGuest, room: MixedRoom): Promise<readonly LayoutEntry[]> {
  const stream = await page.stream(({ id }) => id === room.mixed(), 'the mixed stream');
  return (stream as MixedStreamInfo).info.layout;
}

export interface Place {
  readonly area: Area;
  readonly look: LookName | undefined;
}

export function placesOf(
  layout: readonly LayoutEntry[],
  players: readonly Player[],
  frame: Size = view,
): readonly Place[] {
  return layout.map((entry) => ({
    area: pictureArea(entry.region, frame, camera),
    look: players.find(({ stream }) => stream === entry.stream)?.look,
  }));
}

/** Resolves once the layout that the page was told is what the page sees; the result is that layout. */
export async function seesWhatItIsTold(
  page: MixingGuest,
  room: MixedRoom,
  players: readonly Player[],
  expected: readonly (LookName | undefined)[],
  frame: Size = view,
  withinMs = 10_000,
): Promise<readonly Place[]> {
  const looks = (layout: readonly LayoutEntry[]) => placesOf(layout, players).map(({ look }) => look);
  const layout = await page.guest.until(
    () => toldLayout(page, room),
    (told) => looks(told).join() === expected.join(),
    `is told ${expected.join()}`,
  );
  const places = placesOf(layout, players, frame);
  await page.ask('seenAt', 'mixed', places, withinMs);
  return places;
}

/** Resolves once these tones and no others are heard, several looks in a row. */
export async function hearsOnly(
  page: MixingGuest,
  looks: readonly LookName[],
  name = 'mixed',
  withinMs = 20_000,
): Promise<void> {
  let inARow = 0;
  await page.guest.until(
    () => page.ask('hears', name),
    (levels) => {
      const isRight = Object.entries(levels).every(([look, db]) =>
        looks.some((wanted) => wanted === look) ? db > heardDb : db < unheardDb,
      );
      inARow = isRight ? inARow + 1 : 0;
      return inARow >= 6;
    },
    `hears only ${looks.join()}`,
    withinMs,
  );
}
