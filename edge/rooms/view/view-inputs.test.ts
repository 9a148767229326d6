// Owns the tests of a view's input list and layout (room-model §7), and what must hold after any sequence of requests.
import { describe, expect, it } from 'vitest';
import type { RegionSetting } from '../../../schemas/room.ts';
import { Dice } from './scripted-dice.ts';
import { accepted, columns, joined, left, pending, rules, shown } from './scripted-view.ts';
import { capacity, join, leave, leaveStream, makePrimary, noInputs } from './view-inputs.ts';
import type { ViewInputs, ViewRules } from './view-inputs.ts';
import {
  currentRegions,
  getRegion,
  layoutChange,
  placements,
  setLayout,
  setRegion,
  viewLayout,
} from './view-layout.ts';

const sixteen = rules(16);
const slots = (view: ViewInputs) => view.shown.map(({ slot }) => slot);

describe('join and leave', () => {
  it.each([
    ['', '', ''],
    ['A', '', '1:A'],
    ['AB', '', '1:A 2:B 3: 4:'],
    ['ABC', '', '1:A 2:B 3:C 4:'],
    ['ABCDE', '', '1:A 2:B 3:C 4:D 5:E 6: 7: 8: 9:'],
    ['ABCDE', 'B', '1:A 2:C 3:D 4:E'],
    ['ABC', 'A', '1:B 2:C 3: 4:'],
    ['ABC', 'AB', '1:C'],
    ['ABC', 'ABC', '1:'],
  ])('room-model#17 fluid, %j joined and %j left: %s', (joins, leaves, expected) => {
    expect(shown(sixteen, left(joined(sixteen, joins), leaves))).toBe(expected);
  });

  it('room-model#16 nothing is shown before the first input, and mixing it changes the layout', () => {
    expect(viewLayout(sixteen, noInputs)).toEqual([]);
    const area = { left: '0/1', top: '0/1', width: '1/1', height: '1/1' };
    expect(layoutChange(sixteen, noInputs, joined(sixteen, 'A'))).toEqual([
      { stream: 'A', region: { id: '1', shape: 'rectangle', area } },
    ]);
  });

  it('room-model#18 the oldest pending input takes the region and slot of one that leaves', () => {
    const two = rules(2);
    const full = joined(two, 'ABCD');
    expect(shown(two, full)).toBe('1:A 2:B 3: 4:');
    expect(pending(full)).toBe('CD');
    const after = left(full, 'A');
    expect(shown(two, after)).toBe('1:C 2:B 3: 4:');
    expect(pending(after)).toBe('D');
    expect(slots(after)).toEqual([0, 1]);
    expect(layoutChange(two, full, after)?.map(({ stream }) => stream)).toEqual([
      'C',
      'B',
      undefined,
      undefined,
    ]);
  });

  it('forgets a pending input that leaves, without a change of layout', () => {
    const two = rules(2);
    const full = joined(two, 'ABC');
    const after = left(full, 'C');
    expect(pending(after)).toBe('');
    expect(layoutChange(two, joined(two, 'AB'), full)).toBeUndefined();
    expect(layoutChange(two, full, after)).toBeUndefined();
  });

  it('hands out slots ascending, and freed ones last freed first', () => {
    const four = rules(4);
    const gaps = left(joined(four, 'ABCD'), 'AC');
    expect(slots(gaps)).toEqual([1, 3]);
    expect(slots(joined(four, 'EF', gaps))).toEqual([1, 3, 2, 0]);
  });

  it('keeps an input that joins twice where it is, and lets nobody leave twice', () => {
    const view = joined(sixteen, 'AB');
    expect(joined(sixteen, 'A', view)).toBe(view);
    expect(leave(view, 'Z-1')).toBe(view);
    const full = joined(rules(1), 'AB');
    expect(joined(rules(1), 'B', full)).toBe(full);
  });

  it('shows two inputs of one stream, which leave together', () => {
    const two = rules(2);
    const one = join(two, joined(two, 'A'), { id: 'A-2', stream: 'A' });
    expect(shown(two, one)).toBe('1:A 2:A 3: 4:');
    const waiting = join(two, joined(two, 'B', one), { id: 'A-3', stream: 'A' });
    expect(shown(two, leaveStream(waiting, 'A'))).toBe('1:B');
  });

  it('keeps regions while surplus inputs are not shown, and shows them when there is room', () => {
    const lecture = rules(30, 'lecture');
    const names = 'ABCDEFGHIJKLMNOPQRSTUVWXYZab';
    const many = joined(lecture, names);
    expect(viewLayout(lecture, many)).toHaveLength(25);
    expect(getRegion(lecture, many, 'Z')).toMatchObject({ ok: false });
    expect(getRegion(lecture, left(many, 'C'), 'Z')).toEqual({ ok: true, region: '25' });
    expect(placements(lecture, many)).toHaveLength(25);
  });

  it('shows nothing where there is no template at all', () => {
    const none = rules(4, 'void');
    expect(viewLayout(none, joined(none, 'AB'))).toEqual([]);
  });
});

describe('regions', () => {
  it.each([
    ['room-model#19 C → "1" swaps', 16, 'ABC', 'C', '1', '1:C 2:B 3:A 4:'],
    ['A → "1" stays', 16, 'ABC', 'A', '1', '1:A 2:B 3:C 4:'],
    ['room-model#19 C → empty "4"', 16, 'ABC', 'C', '4', 'Invalid region_id.'],
    ['C → unknown "5"', 16, 'ABC', 'C', '5', 'Invalid region_id.'],
    ['pending C → "1" replaces A', 2, 'ABC', 'C', '1', '1:C 2:B 3: 4:'],
    ['pending C → empty "4"', 2, 'ABC', 'C', '4', 'Invalid region'],
    ['pending C → unknown "x"', 2, 'ABC', 'C', 'x', 'Invalid region'],
    ['absent Z', 16, 'ABC', 'Z', '1', 'Invalid input stream_id.'],
  ])('%s', (_case, maxInput, joins, stream, region, expected) => {
    const given = rules(maxInput);
    const change = setRegion(given, joined(given, joins), stream, region);
    expect(change.ok ? shown(given, change.view) : change.refusal.message).toBe(expected);
  });

  it('makes a replaced input wait behind the others', () => {
    const two = rules(2);
    const after = accepted(setRegion(two, joined(two, 'ABCD'), 'D', '2'));
    expect(shown(two, after)).toBe('1:A 2:D 3: 4:');
    expect(pending(after)).toBe('CB');
  });

  it('changes nothing when the region is the one it has', () => {
    const view = joined(sixteen, 'ABC');
    expect(accepted(setRegion(sixteen, view, 'B', '2'))).toBe(view);
    const twice = join(sixteen, view, { id: 'A-2', stream: 'A' });
    expect(accepted(setRegion(sixteen, twice, 'A', '4'))).toBe(twice);
  });

  it.each([
    ['B', { ok: true, region: '2' }],
    ['C', { ok: false, refusal: { code: 'bad-request', message: 'Invalid input stream_id.' } }],
    ['Z', { ok: false, refusal: { code: 'bad-request', message: 'Invalid input stream_id.' } }],
  ])('tells the region of %s', (stream, expected) => {
    const two = rules(2);
    expect(getRegion(two, joined(two, 'ABC'), stream)).toEqual(expected);
  });
});

describe('primary', () => {
  it('swaps the speaker with the first', () => {
    expect(shown(sixteen, makePrimary(joined(sixteen, 'ABC'), 'C'))).toBe('1:C 2:B 3:A 4:');
  });

  it('changes nothing for who is first, or not there', () => {
    const view = joined(sixteen, 'ABC');
    expect(makePrimary(view, 'A')).toBe(view);
    expect(makePrimary(view, 'Z')).toBe(view);
  });

  it('gives a pending speaker the slot of who was primary least often', () => {
    const three = rules(3);
    // C and A have been primary once each by now, B never.
    const spoken = makePrimary(makePrimary(joined(three, 'ABCD'), 'C'), 'A');
    expect(shown(three, spoken)).toBe('1:A 2:B 3:C 4:');
    const after = makePrimary(spoken, 'D');
    expect(shown(three, after)).toBe('1:D 2:A 3:C 4:');
    expect(pending(after)).toBe('B');
    expect(slots(after)).toEqual([1, 0, 2]);
  });

  it('of several that never were primary, gives it the slot of the last', () => {
    const three = rules(3);
    const after = makePrimary(joined(three, 'ABCD'), 'D');
    expect(shown(three, after)).toBe('1:D 2:B 3:A 4:');
    expect(pending(after)).toBe('C');
  });

  it('brings up one that waits where only one is shown', () => {
    const one = rules(1);
    const after = makePrimary(joined(one, 'AB'), 'B');
    expect(shown(one, after)).toBe('1:B');
    expect(pending(after)).toBe('A');
  });
});

describe('set layout', () => {
  it('room-model#22 named streams take their regions, others fill in order, a fourth is hidden', () => {
    const view = accepted(setLayout(sixteen, joined(sixteen, 'ABCD'), columns('xyz', 'C')));
    expect(shown(sixteen, view)).toBe('x:C y:A z:B');
    expect(pending(view)).toBe('D');
    expect(viewLayout(sixteen, view)[1]?.region.area).toEqual({
      left: '1/3',
      top: '0/1',
      width: '1/3',
      height: '1/1',
    });
  });

  it('goes on with these regions for who joins and leaves', () => {
    const view = accepted(setLayout(sixteen, joined(sixteen, 'ABCD'), columns('xyz', 'C')));
    expect(shown(sixteen, left(view, 'C'))).toBe('x:D y:A z:B');
    expect(shown(sixteen, left(view, 'CDA'))).toBe('x:B y: z:');
    expect(pending(joined(sixteen, 'E', view))).toBe('DE');
    expect(shown(sixteen, joined(sixteen, 'E', left(view, 'CD')))).toBe('x:A y:B z:E');
  });

  it('shows again who waited, and never more than maxInput', () => {
    const narrow = accepted(setLayout(sixteen, joined(sixteen, 'ABC'), columns('x')));
    const wide = accepted(setLayout(sixteen, narrow, columns('xyz', 'B')));
    expect(shown(sixteen, wide)).toBe('x:B y:A z:C');
    expect(new Set(slots(wide)).size).toBe(3);
    const two = rules(2);
    const bounded = accepted(setLayout(two, joined(two, 'ABC'), columns('xyz', 'C')));
    expect(shown(two, bounded)).toBe('x:C y:A z:');
    expect(pending(bounded)).toBe('B');
  });

  it('refuses a named stream that is not mixed', () => {
    expect(setLayout(sixteen, joined(sixteen, 'AB'), columns('xy', 'Z'))).toEqual({
      ok: false,
      refusal: { code: 'bad-request', message: 'Invalid input stream id' },
    });
  });

  it('is reported even before the first input', () => {
    expect(shown(sixteen, accepted(setLayout(sixteen, noInputs, columns('xy'))))).toBe('x: y:');
  });
});

describe('after any sequence of requests', () => {
  const seeds = Array.from({ length: 20 }, (_, index) => index + 1);

  it.each(seeds)('seed %i: slots, positions and waiting inputs agree', (seed) => {
    const dice = new Dice(seed);
    const base = dice.pick(['fluid', 'lecture', 'void'] as const, 'fluid');
    const given = rules(1 + dice.below(30), base, base === 'void' ? [custom(3), custom(7)] : []);
    let view = noInputs;
    const mixed = new Set<string>();
    for (let step = 0; step < 150; step += 1) {
      const before = JSON.stringify(view);
      const next = act(dice, given, view, mixed);
      expect(JSON.stringify(view)).toBe(before);
      view = next;
      check(given, view, mixed);
    }
  });

  function act(dice: Dice, given: ViewRules, view: ViewInputs, mixed: Set<string>): ViewInputs {
    const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij');
    const stream = dice.pick(letters, 'A');
    const present = dice.pick([...mixed], 'A');
    const region = dice.pick(currentRegions(given, view), undefined)?.id ?? 'none';
    const choice = dice.below(20);
    if (choice < 9) {
      mixed.add(stream);
      return joined(given, stream, view);
    }
    if (choice < 14) {
      mixed.delete(present);
      return left(view, present);
    }
    if (choice < 16) return makePrimary(view, present);
    const change =
      choice < 19
        ? setRegion(given, view, present, region)
        : setLayout(given, view, columns('tuvwxyz'.slice(dice.below(7)), [...mixed].slice(0, 1).join('')));
    return change.ok ? change.view : view;
  }

  function check(given: ViewRules, view: ViewInputs, mixed: ReadonlySet<string>): void {
    const all = [...view.shown, ...view.pending].map(({ stream }) => stream);
    expect([...all].sort()).toEqual([...mixed].sort());
    const most = capacity(given, view);
    expect(view.shown.length).toBeLessThanOrEqual(most);
    if (view.pending.length > 0) expect(view.shown).toHaveLength(most);
    const numbers = [...slots(view), ...view.slots.freed].sort((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: view.slots.fresh }, (_, slot) => slot));
    expect(view.slots.fresh).toBeLessThanOrEqual(given.maxInput);
    const layout = viewLayout(given, view).map(({ stream }) => stream);
    expect(layout).toEqual(layout.map((_, position) => view.shown[position]?.stream));
    expect(view.pending.some((input) => 'slot' in input)).toBe(false);
  }

  function custom(count: number): RegionSetting[] {
    return Array.from({ length: count }, (_, index) => ({
      id: `c${index}`,
      shape: 'rectangle',
      area: { left: '0', top: '0.5', width: '1', height: '1/2' },
    }));
  }
});
