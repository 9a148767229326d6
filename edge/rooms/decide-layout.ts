// Owns who is where in a mixed picture by request: one stream's region (room-model §7.4), or all regions (§7.6). Who may
// ask, and the texts of refusals, are portal-protocol §6.3 and rest-api §8.3.
import type { Command, Decision } from './command.ts';
import { controlledStream } from './controlled-stream.ts';
import { mixingUnavailable } from './decide-mix.ts';
import { accept, refuse } from './decision.ts';
import type { OpenRoom } from './decision.ts';
import { hasAllRights } from './rights.ts';
import { shownView } from './shown-view.ts';
import { readLayoutRequest } from './view/layout-request.ts';
import { mixedStreamId } from './view/mixed-stream.ts';
import { setLayout, setRegion } from './view/view-layout.ts';

/** A stream that is there already changes nothing. */
export function decideSetRegion(
  room: OpenRoom,
  { actor, stream, view: label, region }: Extract<Command, { type: 'set-region' }>,
): Decision {
  if (room.views.size === 0) return mixingUnavailable();
  const found = controlledStream(room, actor, stream);
  if (!found.ok) return found;
  const view = shownView(room, label);
  if (!view.ok) return view;
  const { rules, inputs } = view;
  const change = setRegion(rules, inputs, stream, region);
  if (!change.ok) return change;
  return change.view === inputs ? accept() : accept({ type: 'region-set', stream, view: label, region });
}

export function decideSetLayout(
  room: OpenRoom,
  { actor, stream, layout: value }: Extract<Command, { type: 'set-layout' }>,
): Decision {
  const label = room.document.views.find((each) => mixedStreamId(room.id, each.label) === stream)?.label;
  if (label === undefined && !room.streams.has(stream)) {
    return refuse('stream-not-found', 'Stream does NOT exist');
  }
  if (!hasAllRights(room, actor)) return refuse('forbidden', 'unauthorized');
  if (label === undefined) return refuse('bad-request', 'Not mixed stream');
  if (room.views.size === 0) return mixingUnavailable();
  const read = readLayoutRequest(value, (id) => room.streams.has(id));
  if (!read.ok) return read;
  const { layout } = read;
  const view = shownView(room, label);
  if (!view.ok) return view;
  const change = setLayout(view.rules, view.inputs, layout);
  return change.ok ? accept({ type: 'layout-set', view: label, layout }) : change;
}
