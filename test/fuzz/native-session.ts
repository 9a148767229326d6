// Owns the fuzz target of the native engine: units of hostile content between sound ones, layouts and encoders in any order.
// Nothing of it may end the session, and nothing may stay.
import type { NativeAddon, NativeCodec, NativeEvent, NativeSession } from '../../native/addon.ts';
import { loadAddon } from '../../native/load-addon.ts';
import { hostileBytes, integer, must } from './hostile-bytes.ts';
import type { FuzzTarget } from './target.ts';

const codecs = ['h264', 'vp8', 'vp9', 'h265', 'av1'] as const;
const [width, height] = [96, 64];
const canvas = 1;
const still = 2;
const firstEncoder = 10;
const firstDecoder = 20;
/** How many units are given before what came of them is waited for. */
const batch = 40;

const openings: Readonly<Record<NativeCodec, readonly number[]>> = {
  h264: [
    0, 0, 0, 1, 0x67, 0x42, 0xc0, 0x1f, 0x8c, 0x8d, 0x40, 0, 0, 1, 0x68, 0xce, 0x3c, 0x80, 0, 0, 1, 0x65,
    0x88,
  ],
  h265: [0, 0, 0, 1, 0x40, 0x01, 0x0c, 0x01, 0xff, 0xff, 0, 0, 1, 0x42, 0x01, 0x01, 0, 0, 1, 0x26, 0x01],
  vp8: [0x10, 0, 0, 0x9d, 0x01, 0x2a, 160, 0, 90, 0],
  vp9: [0x82, 0x49, 0x83, 0x42, 0x00, 0x09, 0xf0, 0x05, 0x90],
  av1: [0x12, 0x00, 0x0a, 0x0a, 0, 0, 0, 0x24, 0xc6, 0xab, 0xdf, 0x3e, 0xfe, 0x24, 0x04],
};

/** A session whose deliveries can be waited for. */
class Told {
  readonly session: NativeSession;
  readonly units = new Map<number, { data: Uint8Array; key: boolean }[]>();
  lastTicket = 0;
  isClosed = false;
  #wake = (): void => {};

  constructor(addon: NativeAddon) {
    this.session = addon.open({ engine: 'cpu' }, (events) => {
      for (const event of events) this.#hear(event);
      this.#wake();
    });
  }

  async until(isDone: () => boolean): Promise<void> {
    while (!isDone()) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  #hear(event: NativeEvent): void {
    must(!this.isClosed, 'nothing follows the end');
    if (event.type === 'failed') must(false, `the session goes on: ${event.reason}`);
    if (event.type === 'closed') this.isClosed = true;
    if (event.type === 'tapped') this.lastTicket = Math.max(this.lastTicket, event.ticket);
    if (event.type === 'pictured') {
      must(
        event.width > 0 && event.height > 0 && event.width <= 4096 && event.height <= 4096,
        'pictures are bounded',
      );
    }
    if (event.type === 'encoded') {
      const units = this.units.get(event.encoder) ?? [];
      units.push({ data: event.data, key: event.key });
      this.units.set(event.encoder, units.slice(-12));
    }
  }
}

export const nativeSessionTarget: FuzzTarget = {
  name: 'native-session',
  async run(random, iterations) {
    const { addon } = loadAddon();
    if (addon === undefined) return;
    const { decode, encode } = addon.probe({ engine: 'cpu' });
    const told = new Told(addon);
    const { session } = told;
    session.openCanvas(canvas, width, height);
    const decoded = codecs.filter((codec) => decode.some((each) => each.codec === codec));
    const encoded = codecs.filter((codec) => encode.some((each) => each.codec === codec));
    for (const codec of decoded) session.openDecoder(firstDecoder + codecs.indexOf(codec), codec);
    for (const codec of encoded) {
      const options = { codec, width, height, framerate: 30, bitrateKbps: 200 };
      session.openEncoder(firstEncoder + codecs.indexOf(codec), options);
    }
    for (let round = 0; round < iterations; round++) {
      const at = codecs.indexOf(decoded[integer(random, decoded.length)] ?? 'h264');
      const choice = random();
      if (choice < 0.05) redraw(session, random);
      else if (choice < 0.15) {
        const encoder = firstEncoder + codecs.indexOf(encoded[integer(random, encoded.length)] ?? 'h264');
        if (random() < 0.2) session.setRate(encoder, (random() - 0.1) * 3000, random() * 100);
        session.encode(encoder, canvas, round * 33, random() < 0.2);
      } else if (choice < 0.17) {
        session.tap(0, firstDecoder + at, 2 + integer(random, 40), 2 + integer(random, 40), 'rgb');
      } else if (choice < 0.18) {
        session.closeObject(firstDecoder + at);
        session.openDecoder(firstDecoder + at, codecs[at] ?? 'h264');
      } else if (choice < 0.2) {
        const isTrue = random() < 0.5;
        const [w, h] = isTrue ? [width, height] : [1 + integer(random, 4096), 1 + integer(random, 4096)];
        session.resized(firstDecoder + at, w, h);
      } else session.decode(firstDecoder + at, unit(told, at, random), round, random() < 0.6);
      if (round % batch === 0) await told.until(barrier(session, told, round));
    }
    session.close();
    await told.until(() => told.isClosed);
    const { pictures, decoders, queuedBytes } = addon.counters();
    must(pictures === 0 && decoders === 0 && queuedBytes === 0, 'nothing stays');
  },
};

/** Comes after all that was asked before. */
function barrier(session: NativeSession, told: Told, ticket: number): () => boolean {
  must(session.tap(ticket, canvas, 2, 2, 'gray'), 'there is room in the queue');
  return () => told.lastTicket >= ticket;
}

/** Draws something of what there is, also where it does not fit. */
function redraw(session: NativeSession, random: () => number): void {
  const packed = new Uint8Array((width * height * 3) / 2).map(() => integer(random, 256));
  session.openStill(still, width, height, packed);
  const even = (below: number): number => integer(random, below) * 2;
  const layers = Array.from({ length: integer(random, 5) }, () => [
    random() < 0.5 ? still : firstDecoder + integer(random, codecs.length),
    ...[even(20), even(20), even(80), even(60)],
    ...[even(20), even(20), even(50), even(40)],
  ]);
  session.compose(canvas, integer(random, 0x1000000), Int32Array.from(layers.flat()));
  session.closeObject(still);
}

/** Something for a decoder: as its encoder made it, damaged, cut, or hostile from its beginning. */
function unit(told: Told, at: number, random: () => number): Uint8Array {
  const units = told.units.get(firstEncoder + at) ?? [];
  const sound = units[integer(random, units.length)]?.data;
  const choice = random();
  if (sound === undefined || choice < 0.4) return hostileBytes(random, openings[codecs[at] ?? 'h264'], 300);
  if (choice < 0.6) return sound;
  if (choice < 0.7) return sound.subarray(0, integer(random, sound.length + 1));
  const damaged = Uint8Array.from(sound);
  for (let change = integer(random, 12); change >= 0; change--) {
    damaged[integer(random, damaged.length)] = integer(random, 256);
  }
  return damaged;
}
