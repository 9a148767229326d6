// Owns the input list of a video view: who is shown at which position, who waits (room-model §7.1–§7.3), and who is
// primary (§7.5). Positions become regions in `view-layout`. Functions give back the very state they were given when
// nothing changes.
import { freeSlot, noSlots, takeSlot } from './slots.ts';
import type { Slots } from './slots.ts';
import type { Template, VideoViewSetting } from './templates.ts';
import { viewTemplates } from './templates.ts';

/** What a view's settings fix for its life. */
export interface ViewRules {
  readonly templates: readonly Template[];
  readonly maxInput: number;
}

/** Settings never change, so their templates are calculated once. */
const known = new WeakMap<VideoViewSetting, ViewRules>();

export function viewRules(setting: VideoViewSetting): ViewRules {
  const { layout, maxInput } = setting;
  const rules = known.get(setting) ?? { templates: viewTemplates(layout.templates, maxInput), maxInput };
  known.set(setting, rules);
  return rules;
}

/** A video track mixed in the view, or a stream without tracks. */
export interface ViewInput {
  /** Unique in the view. */
  readonly id: string;
  /** The stream it belongs to, by which clients know it. */
  readonly stream: string;
  /** How often it was made primary. */
  readonly primaries: number;
}
export interface ShownInput extends ViewInput {
  readonly slot: number;
}

export interface ViewInputs {
  /** Position in this list is position in the template. */
  readonly shown: readonly ShownInput[];
  /** Mixed but without a slot, the oldest first. None waits while a slot is free. */
  readonly pending: readonly ViewInput[];
  readonly slots: Slots;
  /** Regions a client gave (§7.6); they stand in for all templates. */
  readonly fixed?: Template;
}

export const noInputs: ViewInputs = { shown: [], pending: [], slots: noSlots };

/** How many inputs can be shown at once. */
export function capacity({ maxInput }: ViewRules, { fixed }: ViewInputs): number {
  return fixed === undefined ? maxInput : Math.min(maxInput, fixed.length);
}

/** Shown at the end of the list, or pending when all slots are taken (§7.2). An input already there stays as it is. */
export function join(
  rules: ViewRules,
  view: ViewInputs,
  { id, stream }: Pick<ViewInput, 'id' | 'stream'>,
): ViewInputs {
  const isThis = (input: ViewInput) => input.id === id;
  if (view.shown.some(isThis) || view.pending.some(isThis)) return view;
  const input: ViewInput = { id, stream, primaries: 0 };
  if (view.shown.length >= capacity(rules, view)) return { ...view, pending: [...view.pending, input] };
  const { slot, slots } = takeSlot(view.slots);
  return { ...view, shown: [...view.shown, { ...input, slot }], slots };
}

/** The oldest pending input takes the place of one that was shown; without one, those behind it move up (§7.3). */
export function leave(view: ViewInputs, id: string): ViewInputs {
  const position = view.shown.findIndex((input) => input.id === id);
  const leaver = view.shown[position];
  if (leaver === undefined) {
    const pending = view.pending.filter((input) => input.id !== id);
    return pending.length === view.pending.length ? view : { ...view, pending };
  }
  const [next, ...pending] = view.pending;
  if (next === undefined) {
    const shown = view.shown.filter((input) => input !== leaver);
    return { ...view, shown, slots: freeSlot(view.slots, leaver.slot) };
  }
  return { ...view, shown: view.shown.with(position, { ...next, slot: leaver.slot }), pending };
}

/** Every input of the stream leaves. */
export function leaveStream(view: ViewInputs, stream: string): ViewInputs {
  const gone = [...view.pending, ...view.shown].filter((input) => input.stream === stream);
  return gone.reduce((after, { id }) => leave(after, id), view);
}

/** Two shown inputs change places. */
export function swap(view: ViewInputs, a: number, b: number): ViewInputs {
  const [first, second] = [view.shown[a], view.shown[b]];
  if (first === undefined || second === undefined || a === b) return view;
  return { ...view, shown: view.shown.with(a, second).with(b, first) };
}

/** A pending input takes place and slot of the shown one, which then waits behind all others. */
export function replace(view: ViewInputs, position: number, id: string): ViewInputs {
  const replaced = view.shown[position];
  const next = view.pending.find((input) => input.id === id);
  if (replaced === undefined || next === undefined) return view;
  const { slot, ...waiting } = replaced;
  return {
    ...view,
    shown: view.shown.with(position, { ...next, slot }),
    pending: [...view.pending.filter((input) => input !== next), waiting],
  };
}

/**
 * Brings every input of the stream to the first position (§7.5). A pending one first takes the place of the shown one
 * that was made primary least often, of several the last.
 */
export function makePrimary(view: ViewInputs, stream: string): ViewInputs {
  const inputs = [...view.shown, ...view.pending].filter((input) => input.stream === stream);
  // When one of several inputs is first, all have had their turn: bringing up the others would only make them rotate.
  if (view.shown[0]?.stream === stream) return view;
  return inputs.reduce((after, { id }) => bringFirst(after, id), view);
}

function bringFirst(view: ViewInputs, id: string): ViewInputs {
  const waits = view.pending.some((input) => input.id === id);
  const placed = waits ? replace(view, leastPrimary(view), id) : view;
  const position = placed.shown.findIndex((input) => input.id === id);
  const first = placed.shown[position];
  if (first === undefined) return view;
  const counted = placed.shown.with(position, { ...first, primaries: first.primaries + 1 });
  return swap({ ...placed, shown: counted }, position, 0);
}

function leastPrimary({ shown }: ViewInputs): number {
  let least = 0;
  for (const [position, { primaries }] of shown.entries()) {
    if (primaries <= (shown[least]?.primaries ?? 0)) least = position;
  }
  return least;
}
