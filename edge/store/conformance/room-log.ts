// Owns what every implementation of the room log must do (store/room-log.ts, architecture §3).
import { describe, expect, it } from 'vitest';
import type { LogEntry, LogPosition, RoomLog } from '../room-log.ts';
import { until, withFixture, type Fixture, type MakeFixture } from './fixture.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const texts = (entries: readonly LogEntry[]): string[] =>
  entries.map((entry) => `${entry.seq}:${new TextDecoder().decode(entry.bytes)}`);
const numbered = (from: number, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, index) => bytes(`e${from + index}`));

async function fill(log: RoomLog, room: string, count: number): Promise<string> {
  const { epoch, seq: begin } = await log.open(room);
  const end = begin + count;
  for (let seq = begin; seq < end;) {
    const result = await log.append(room, { epoch, seq }, numbered(seq + 1, Math.min(1000, end - seq)));
    expect(result.ok).toBe(true);
    seq = result.seq;
  }
  return epoch;
}

/** Appends as soon as the log has settled. */
async function settled(fixture: Fixture<RoomLog>, at: LogPosition, text: string): Promise<number> {
  for (;;) {
    const result = await fixture.port.append('r', at, [bytes(text)]);
    if (result.ok) return result.seq;
    expect(result).toMatchObject({ epoch: at.epoch, seq: at.seq, entries: [] });
    expect(result.settlesInMs).toBeGreaterThan(0);
    await fixture.advance(result.settlesInMs ?? 0);
  }
}

/** Declares the suite for one implementation. */
export function roomLogConformance(name: string, make: MakeFixture<RoomLog>): void {
  describe(`room log: ${name}`, () => {
    it(
      'opens empty, and again with the same epoch and what was appended',
      withFixture(make, async (log) => {
        const opened = await log.open('r');
        const { epoch } = opened;
        expect(opened).toMatchObject({ seq: 0, entries: [], before: [] });
        expect(opened.snapshot).toBeUndefined();
        expect(await log.append('r', { epoch, seq: 0 }, [bytes('a'), bytes('b')])).toEqual({
          ok: true,
          seq: 2,
        });
        expect(await log.append('r', { epoch, seq: 2 }, [bytes('c')])).toEqual({ ok: true, seq: 3 });
        const again = await log.open('r');
        expect(again.epoch).toBe(opened.epoch);
        expect(again.seq).toBe(3);
        expect(texts(again.entries)).toEqual(['1:a', '2:b', '3:c']);
      }),
    );

    it(
      'of writers with the same expectedSeq one wins and the others get what they miss',
      withFixture(make, async (log) => {
        const { epoch } = await log.open('r');
        const results = await Promise.all(
          Array.from({ length: 16 }, (_, index) =>
            log.append('r', { epoch, seq: 0 }, [bytes(`w${index}`), bytes('x')]),
          ),
        );
        const winners = results.filter((result) => result.ok);
        expect(winners).toEqual([{ ok: true, seq: 2 }]);
        const winner = results.findIndex((result) => result.ok);
        for (const result of results) {
          if (result.ok) continue;
          expect(result).toMatchObject({ epoch, seq: 2 });
          expect(texts(result.entries)).toEqual([`1:w${winner}`, '2:x']);
        }
        expect((await log.open('r')).seq).toBe(2);
      }),
    );

    it(
      'many writers that retry from what they get lose nothing and double nothing',
      withFixture(make, async (log) => {
        const { epoch } = await log.open('r');
        await Promise.all(
          Array.from({ length: 8 }, async (_, writer) => {
            let seq = 0;
            for (let number = 0; number < 25;) {
              const result = await log.append('r', { epoch, seq }, [bytes(`${writer}.${number}`)]);
              seq = result.ok ? result.seq : (result.entries.at(-1)?.seq ?? seq);
              if (result.ok) number += 1;
            }
          }),
        );
        const { entries } = await log.open('r');
        expect(entries.map((entry) => entry.seq)).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
        expect(new Set(texts(entries).map((text) => text.split(':')[1])).size).toBe(200);
        for (let writer = 0; writer < 8; writer += 1) {
          const own = texts(entries).flatMap((text) => {
            const [by, number] = (text.split(':')[1] ?? '').split('.');
            return Number(by) === writer ? [Number(number)] : [];
          });
          expect(own).toEqual(Array.from({ length: 25 }, (_, i) => i));
        }
      }),
    );

    it(
      'returns at most 1,000 missing entries, the first ones',
      withFixture(make, async (log) => {
        const epoch = await fill(log, 'r', 1500);
        const result = await log.append('r', { epoch, seq: 200 }, [bytes('late')]);
        expect(result).toMatchObject({ ok: false, seq: 1500 });
        if (result.ok) return;
        const { length } = result.entries;
        expect(length).toBeGreaterThan(0);
        expect(length).toBeLessThanOrEqual(1000);
        expect(texts(result.entries)).toEqual(
          Array.from({ length }, (_, index) => `${201 + index}:e${201 + index}`),
        );
      }),
    );

    it(
      'an expectedSeq beyond the end is a conflict without entries',
      withFixture(make, async (log) => {
        const epoch = await fill(log, 'r', 3);
        expect(await log.append('r', { epoch, seq: 7 }, [bytes('x')])).toEqual({
          ok: false,
          epoch,
          seq: 3,
          entries: [],
        });
      }),
    );

    it.each([0, 1001])('rejects an append of %i entries and writes nothing', async (count) => {
      await withFixture(make, async (log) => {
        const { epoch } = await log.open('r');
        await expect(log.append('r', { epoch, seq: 0 }, numbered(1, count))).rejects.toThrow();
        expect((await log.open('r')).seq).toBe(0);
      })();
    });

    it(
      'reads after a seq, up to a limit',
      withFixture(make, async (log) => {
        const epoch = await fill(log, 'r', 10);
        const { entries, ...rest } = await log.read('r', 4, 3);
        expect(texts(entries)).toEqual(['5:e5', '6:e6', '7:e7']);
        expect(rest).toEqual({ epoch, seq: 10, trimmed: false });
        expect(await log.read('r', 10, 5)).toEqual({ epoch, seq: 10, entries: [], trimmed: false });
        expect(await log.read('s', 0, 5)).toEqual({ epoch: '', seq: 0, entries: [], trimmed: false });
      }),
    );

    it(
      'a snapshot opens instead of the entries it covers and lets go of the old ones',
      withFixture(make, async (log) => {
        const epoch = await fill(log, 'r', 20);
        await log.snapshot('r', { epoch, seq: 15 }, bytes('S15'), 5);
        const opened = await log.open('r');
        expect(opened.snapshot).toEqual({ seq: 15, bytes: bytes('S15') });
        expect(texts(opened.entries)).toEqual(['16:e16', '17:e17', '18:e18', '19:e19', '20:e20']);
        expect(texts((await log.read('r', 5, 2)).entries)).toEqual(['6:e6', '7:e7']);
        expect((await log.read('r', 5, 2)).trimmed).toBe(false);
        expect((await log.read('r', 2, 2)).trimmed).toBe(true);
        expect(await log.append('r', { epoch, seq: 20 }, [bytes('more')])).toEqual({ ok: true, seq: 21 });
      }),
    );

    it(
      'an older snapshot is ignored, and none keeps less than what follows it',
      withFixture(make, async (log) => {
        const epoch = await fill(log, 'r', 20);
        await log.snapshot('r', { epoch, seq: 10 }, bytes('S10'), 10);
        await log.snapshot('r', { epoch, seq: 8 }, bytes('S8'), 8);
        await log.snapshot('r', { epoch, seq: 10 }, bytes('again'), 10);
        const opened = await log.open('r');
        expect(opened.snapshot).toEqual({ seq: 10, bytes: bytes('S10') });
        expect(texts(opened.entries).at(0)).toBe('11:e11');
      }),
    );

    it(
      'a conflict below the trimmed part never pretends to continue',
      withFixture(make, async (log) => {
        const epoch = await fill(log, 'r', 20);
        await log.snapshot('r', { epoch, seq: 15 }, bytes('S'), 12);
        const result = await log.append('r', { epoch, seq: 3 }, [bytes('x')]);
        expect(result).toMatchObject({ ok: false, seq: 20 });
        if (!result.ok) expect(result.entries.at(0)?.seq ?? 13).toBeGreaterThan(12);
      }),
    );

    it(
      'subscribers see each append once and in order, of their room only',
      withFixture(make, async (log, fixture) => {
        const seen: LogEntry[] = [];
        const other: LogEntry[] = [];
        const epochs = new Set<string>();
        const { epoch } = await log.open('r');
        log.subscribe('r', (entries, of) => {
          seen.push(...entries);
          if (entries.length > 0) epochs.add(of);
        });
        log.subscribe('s', (entries) => other.push(...entries));
        await fixture.advance(20);
        for (let seq = 0; seq < 30; seq += 3) {
          await log.append('r', { epoch, seq }, numbered(seq + 1, 3));
        }
        await until(fixture, () => seen.length >= 30);
        expect([...epochs]).toEqual([epoch]);
        expect(texts(seen)).toEqual(Array.from({ length: 30 }, (_, i) => `${i + 1}:e${i + 1}`));
        expect(other).toEqual([]);
      }),
    );

    it(
      'refused appends are not published; unsubscribed handlers hear nothing',
      withFixture(make, async (log, fixture) => {
        const seen: LogEntry[] = [];
        const gone: LogEntry[] = [];
        const { epoch } = await log.open('r');
        log.subscribe('r', (entries) => seen.push(...entries));
        const stop = log.subscribe('r', (entries) => gone.push(...entries));
        stop();
        stop();
        await fixture.advance(20);
        await log.append('r', { epoch, seq: 5 }, [bytes('refused')]);
        await log.append('r', { epoch: 'other', seq: 0 }, [bytes('refused')]);
        await log.append('r', { epoch, seq: 0 }, [bytes('taken')]);
        await until(fixture, () => seen.length >= 1);
        await fixture.advance(20);
        expect(texts(seen)).toEqual(['1:taken']);
        expect(gone).toEqual([]);
      }),
    );

    it(
      'a snapshot of another epoch, or of what is not in the log, is ignored',
      withFixture(make, async (log) => {
        const epoch = await fill(log, 'r', 5);
        await log.snapshot('r', { epoch: 'other', seq: 3 }, bytes('S'), 3);
        await log.snapshot('r', { epoch, seq: 6 }, bytes('S'), 3);
        await log.snapshot('s', { epoch, seq: 1 }, bytes('S'), 1);
        const opened = await log.open('r');
        expect(opened.snapshot).toBeUndefined();
        expect(opened.entries).toHaveLength(5);
        expect((await log.open('s')).snapshot).toBeUndefined();
      }),
    );

    it(
      'who holds another epoch, or a log that is gone, cannot append, whatever the number',
      withFixture(make, async (log) => {
        const epoch = await fill(log, 'r', 5);
        await log.remove('r');
        expect(await log.append('r', { epoch, seq: 5 }, [bytes('x')])).toMatchObject({ ok: false });
        const fresh = await fill(log, 'r', 5);
        const refused = await log.append('r', { epoch, seq: 5 }, [bytes('x')]);
        expect(refused).toMatchObject({ ok: false, entries: [] });
        expect(refused.ok || refused.epoch !== epoch).toBe(true);
        expect(await log.append('r', { epoch: fresh, seq: 5 }, [bytes('x')])).toEqual({ ok: true, seq: 6 });
      }),
    );

    it(
      'remove with a place leaves a log that went on, or is another',
      withFixture(make, async (log) => {
        const epoch = await fill(log, 'r', 5);
        await log.remove('r', { epoch, seq: 4 });
        await log.remove('r', { epoch: 'other', seq: 5 });
        expect(await log.open('r')).toMatchObject({ epoch, seq: 5 });
        await log.remove('r', { epoch, seq: 5 });
        expect(await log.open('r')).toMatchObject({ seq: 0 });
      }),
    );

    it(
      'remove forgets the log; the next open is a new epoch',
      withFixture(make, async (log) => {
        await fill(log, 'r', 5);
        const { epoch } = await log.open('r');
        await log.remove('r');
        await log.remove('r');
        const again = await log.open('r');
        expect(again).toMatchObject({ seq: 0, entries: [] });
        expect(again.epoch).not.toBe(epoch);
      }),
    );

    it(
      'what was lost is given back: the log goes on after it, and who knew that much goes on too',
      withFixture(make, async (log, fixture) => {
        const at = { epoch: 'abc', seq: 5 };
        expect(await log.restore('r', at, bytes('S'), [])).toBe(true);
        const opened = await log.open('r');
        const { epoch, before, snapshot } = opened;
        expect(opened).toMatchObject({ seq: 5, entries: [] });
        expect(epoch).not.toBe('abc');
        expect(before).toEqual([at]);
        expect(snapshot).toEqual({ seq: 5, bytes: bytes('S') });
        expect(await settled(fixture, { epoch, seq: 5 }, 'x')).toBe(6);
        expect(await log.append('r', { epoch, seq: 6 }, [bytes('y')])).toEqual({ ok: true, seq: 7 });
        expect(await log.restore('r', { epoch: 'abc', seq: 9 }, bytes('T'), [])).toBe(false);
        expect(texts((await log.open('r')).entries)).toEqual(['6:x', '7:y']);
      }),
    );

    it(
      'who knows more replaces what was given back, and who went on from that goes on: nothing was appended yet',
      withFixture(make, async (log, fixture) => {
        const heard: string[] = [];
        log.subscribe('r', (entries, epoch) => heard.push(`${epoch} ${entries.length}`));
        await fixture.advance(20);
        const told = async (epoch: string) => until(fixture, () => heard.includes(`${epoch} 0`));
        expect(await log.restore('r', { epoch: 'abc', seq: 5 }, bytes('S'), [])).toBe(true);
        const first = await log.open('r');
        await told(first.epoch);
        expect(await log.append('r', { epoch: first.epoch, seq: 5 }, [bytes('x')])).toMatchObject({
          ok: false,
        });
        // As much, less, and what was never lost here change nothing.
        for (const at of [
          { epoch: 'abc', seq: 5 },
          { epoch: 'abc', seq: 4 },
          { epoch: 'abcd', seq: 9 },
          { epoch: first.epoch, seq: 9 },
        ])
          expect(await log.restore('r', at, bytes('no'), [])).toBe(false);
        expect(await log.open('r')).toEqual(first);

        expect(await log.restore('r', { epoch: 'abc', seq: 7 }, bytes('T'), [bytes('f'), bytes('g')])).toBe(
          true,
        );
        const { epoch, before, seq, snapshot } = await log.open('r');
        await told(epoch);
        expect({ seq, snapshot: snapshot?.seq }).toEqual({ seq: 7, snapshot: 7 });
        expect(before).toEqual([
          { epoch: 'abc', seq: 7 },
          { epoch: first.epoch, seq: 5 },
        ]);
        expect(texts((await log.read('r', 5, 10)).entries)).toEqual(['6:f', '7:g']);
        expect(await log.append('r', { epoch: first.epoch, seq: 5 }, [bytes('x')])).toMatchObject({
          ok: false,
        });
        expect(await settled(fixture, { epoch, seq: 7 }, 'x')).toBe(8);
        expect(await log.restore('r', { epoch: 'abc', seq: 9 }, bytes('late'), [])).toBe(false);
      }),
    );

    it(
      'with what is given back come the latest entries, for who is behind',
      withFixture(make, async (log) => {
        const latest = ['d', 'e'].map(bytes);
        expect(await log.restore('r', { epoch: 'abc', seq: 5 }, bytes('S'), latest)).toBe(true);
        const { epoch, snapshot, entries } = await log.open('r');
        expect({ snapshot: snapshot?.seq, entries: texts(entries) }).toEqual({ snapshot: 5, entries: [] });
        const behind = await log.read('r', 3, 10);
        expect({ ...behind, entries: texts(behind.entries) }).toEqual({
          epoch,
          seq: 5,
          entries: ['4:d', '5:e'],
          trimmed: false,
        });
        expect((await log.read('r', 2, 10)).trimmed).toBe(true);
      }),
    );

    it(
      'nothing is given back to a log that is there, or was removed',
      withFixture(make, async (log) => {
        const epoch = await fill(log, 'r', 3);
        expect(await log.restore('r', { epoch, seq: 3 }, bytes('S'), [])).toBe(false);
        expect(await log.restore('r', { epoch: 'abc', seq: 9 }, bytes('S'), [])).toBe(false);
        await log.remove('r');
        expect(await log.restore('r', { epoch, seq: 3 }, bytes('S'), [])).toBe(false);
        expect(await log.open('r')).toMatchObject({ seq: 0, entries: [] });
      }),
    );
  });
}
