// Owns which region each input of a view is in: the layout clients are told, and the requests that name regions
// (room-model §7.4, §7.6, §7.7). Functions give back the very state they were given when nothing changes.
import type { LayoutEntry } from '../../../schemas/stream.ts';
import { refuse } from '../decision.ts';
import type { Refused } from '../decision.ts';
import { freeSlot, takeSlot } from './slots.ts';
import { chooseTemplate } from './templates.ts';
import type { Template } from './templates.ts';
import { capacity, replace, swap } from './view-inputs.ts';
import type { ShownInput, ViewInput, ViewInputs, ViewRules } from './view-inputs.ts';

export type ViewChange = { readonly ok: true; readonly view: ViewInputs } | Refused;

/** The template in use: none before the first input ever (§4.5). */
export function currentRegions({ templates }: ViewRules, { shown, slots, fixed }: ViewInputs): Template {
  if (fixed !== undefined) return fixed;
  return slots.fresh === 0 ? [] : chooseTemplate(templates, shown.length);
}

/** The layout as clients see it; areas are texts `n/d`. */
export function viewLayout(rules: ViewRules, view: ViewInputs): readonly LayoutEntry[] {
  return currentRegions(rules, view).map((region, position) => {
    const stream = view.shown[position]?.stream;
    return stream === undefined ? { region } : { stream, region };
  });
}

/** Which input is drawn into which region, in the order of drawing: `viewLayout` for the mixer. */
export function placements(
  rules: ViewRules,
  view: ViewInputs,
): readonly { readonly input: ShownInput; readonly region: Template[number] }[] {
  return currentRegions(rules, view).flatMap((region, position) => {
    const input = view.shown[position];
    return input === undefined ? [] : [{ input, region }];
  });
}

/** The layout to tell clients of; undefined when they would see no difference. */
export function layoutChange(
  rules: ViewRules,
  before: ViewInputs,
  after: ViewInputs,
): readonly LayoutEntry[] | undefined {
  if (before === after) return undefined;
  const [old, layout] = [viewLayout(rules, before), viewLayout(rules, after)];
  const same =
    old.length === layout.length && layout.every((entry, position) => sameEntry(entry, old[position]));
  return same ? undefined : layout;
}

/** The id of the region a stream is in, or `Invalid input stream_id.` when it is not shown. */
export function getRegion(
  rules: ViewRules,
  view: ViewInputs,
  stream: string,
): { readonly ok: true; readonly region: string } | Refused {
  const entry = viewLayout(rules, view).find((each) => each.stream === stream);
  return entry === undefined ? noSuchInput() : { ok: true, region: entry.region.id };
}

/**
 * Puts a stream into a region that another is in (§7.4): a shown one swaps with it, a pending one takes its place. Of a
 * stream with several inputs that is the first. An unknown or empty region is refused.
 */
export function setRegion(rules: ViewRules, view: ViewInputs, stream: string, region: string): ViewChange {
  const target = currentRegions(rules, view).findIndex(({ id }) => id === region);
  const there = view.shown[target];
  if (there?.stream === stream) return { ok: true, view };
  const taken = there !== undefined;
  const position = view.shown.findIndex((input) => input.stream === stream);
  if (position >= 0) {
    return taken ? { ok: true, view: swap(view, position, target) } : invalid('Invalid region_id.');
  }
  const waiting = view.pending.find((input) => input.stream === stream);
  if (waiting === undefined) return noSuchInput();
  return taken ? { ok: true, view: replace(view, target, waiting.id) } : invalid('Invalid region');
}

/**
 * Makes the given regions the only ones (§7.6). Named streams come first in the list, so `layout` must name none behind
 * an unnamed region (`layout-request` sees to that); other inputs follow in their order, and those left over wait. A
 * named stream that is not mixed in the view is refused.
 */
export function setLayout(rules: ViewRules, view: ViewInputs, layout: readonly LayoutEntry[]): ViewChange {
  const rest: (ShownInput | ViewInput)[] = [...view.shown, ...view.pending];
  const order: (ShownInput | ViewInput)[] = [];
  for (const { stream } of layout) {
    if (stream === undefined) continue;
    const index = rest.findIndex((input) => input.stream === stream);
    if (index < 0) return invalid('Invalid input stream id');
    order.push(...rest.splice(index, 1));
  }
  order.push(...rest);
  const fixed = layout.map(({ region }) => region);
  const room = capacity(rules, { ...view, fixed });
  let slots = view.slots;
  const pending = order.slice(room).map((input) => {
    if (!('slot' in input)) return input;
    const { slot, ...waiting } = input;
    slots = freeSlot(slots, slot);
    return waiting;
  });
  const shown = order.slice(0, room).map((input): ShownInput => {
    if ('slot' in input) return input;
    const taken = takeSlot(slots);
    slots = taken.slots;
    return { ...input, slot: taken.slot };
  });
  return { ok: true, view: { shown, pending, slots, fixed } };
}

function sameEntry(a: LayoutEntry, b: LayoutEntry | undefined): boolean {
  if (b === undefined || a.stream !== b.stream || a.region.id !== b.region.id) return false;
  const [mine, others] = [a.region.area, b.region.area];
  return (
    mine.left === others.left &&
    mine.top === others.top &&
    mine.width === others.width &&
    mine.height === others.height
  );
}

function noSuchInput(): Refused {
  return invalid('Invalid input stream_id.');
}

function invalid(message: string): Refused {
  return refuse('bad-request', message);
}
