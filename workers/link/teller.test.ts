// Owns the tests of telling the other end of a link what comes to it.
import { beforeEach, describe, expect, it } from 'vitest';
import { SluiceError } from '../../schemas/error.ts';
import type { LinkedSource, LinkSignal } from '../../schemas/link.ts';
import { ManualClock } from '../agent/testing/manual-clock.ts';
import { Teller } from './teller.ts';

const source = (track: string): LinkedSource => ({
  track,
  kind: 'audio',
  ssrc: 1,
  rtxSsrc: 2,
  payload: { type: 111, name: 'opus', clockRate: 48_000, map: 'opus/48000/2', fmtp: '', parameters: {} },
  audioLevel: false,
});

describe('what the other end of a link is told', () => {
  let clock: ManualClock;
  let said: string[];
  let answer: () => Promise<unknown>;
  let sources: Map<string, string[]>;
  let unknown: number;
  let teller: Teller;

  beforeEach(() => {
    clock = new ManualClock();
    said = [];
    answer = () => Promise.resolve({ ok: true });
    sources = new Map();
    unknown = 0;
    teller = new Teller({
      session: 's',
      clock,
      ask: (signal: LinkSignal) => {
        if (signal.type === 'sources') {
          const rooms = signal.rooms.map(
            (each) => `${each.room}:${each.sources.map(({ track }) => track).join('+')}`,
          );
          said.push(rooms.join(' '));
        }
        return answer();
      },
      sources: (room) => (sources.get(room) ?? []).map(source),
      unknown: () => unknown++,
    });
  });

  it('is each room that changed, once, and a room that is gone', async () => {
    sources.set('r', ['a', 'b']);
    teller.changed('r');
    teller.changed('gone');
    teller.changed('r');
    teller.tell();
    teller.tell();
    await clock.advance(1000);
    teller.tell();
    expect(said).toEqual(['r:a+b gone:']);
  });

  it('is the newest, after what is on its way was acknowledged', async () => {
    let acknowledge = (): void => undefined;
    answer = () => new Promise<void>((resolve) => (acknowledge = resolve));
    sources.set('r', ['a']);
    teller.changed('r');
    teller.tell();
    for (const track of ['b', 'c']) {
      sources.set('r', [track]);
      teller.changed('r');
      teller.tell();
    }
    await clock.advance(1000);
    expect(said).toEqual(['r:a']);
    acknowledge();
    await clock.advance(0);
    expect(said).toEqual(['r:a', 'r:c']);
  });

  it('is said again until it is acknowledged', async () => {
    answer = () => Promise.reject(new SluiceError('unavailable', 'No reply'));
    teller.changed('r');
    teller.tell();
    await clock.advance(450);
    expect(said).toEqual(['r:', 'r:', 'r:']);
    expect(unknown).toBe(0);
    answer = () => Promise.resolve({ ok: true });
    await clock.advance(1000);
    expect(said).toHaveLength(4);
  });

  it('ends with the connection, or when the other end does not know that', async () => {
    answer = () => Promise.reject(new SluiceError('not-found', 'This connection does not exist'));
    teller.changed('r');
    teller.tell();
    await clock.advance(0);
    expect(unknown).toBe(1);
    teller.close();
    await clock.advance(5000);
    expect(said).toHaveLength(1);
  });

  it('comes in messages of bounded size', async () => {
    for (let room = 0; room < 200; room++) {
      sources.set(`r${room}`, room < 3 ? Array.from({ length: 300 }, (_, track) => `t${track}`) : ['t']);
      teller.changed(`r${room}`);
    }
    teller.tell();
    await clock.advance(1000);
    const sizes = said.map((each) => each.split(' ').length);
    expect(sizes).toEqual([2, 64, 64, 64, 6]);
  });
});
