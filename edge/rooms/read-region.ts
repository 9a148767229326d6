// Owns the answer to `get-region` (portal-protocol §6.3). It changes nothing, so it takes no entry of the room's log.
import type { Actor } from './command.ts';
import { controlledStream } from './controlled-stream.ts';
import { mixingUnavailable } from './decide-mix.ts';
import type { Refused } from './decision.ts';
import { shownView } from './shown-view.ts';
import type { RoomState } from './state.ts';
import { getRegion } from './view/view-layout.ts';

/** The id of the region that a stream is shown in. `label` is a view's; the texts of a refusal are the wire's. */
export function readRegion(
  state: RoomState,
  actor: Actor,
  stream: string,
  label: string,
): { readonly ok: true; readonly region: string } | Refused {
  if (state.views.size === 0) return mixingUnavailable();
  const found = controlledStream(state, actor, stream);
  if (!found.ok) return found;
  const view = shownView(state, label);
  return view.ok ? getRegion(view.rules, view.inputs, stream) : view;
}
