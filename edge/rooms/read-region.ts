// Owns the answer to `get-region` (portal-protocol §6.3). It changes nothing, so it takes no entry of the room's log.
import type { Actor } from './command.ts';
import { refuse } from './decision.ts';
import type { Refused } from './decision.ts';
import { mayControl } from './rights.ts';
import type { RoomState } from './state.ts';
import { getRegion } from './view/view-layout.ts';
import { viewRules } from './view/view-inputs.ts';

/** The id of the region that a stream is shown in. `label` is a view's; the texts of a refusal are the wire's. */
export function readRegion(
  state: RoomState,
  actor: Actor,
  stream: string,
  label: string,
): { readonly ok: true; readonly region: string } | Refused {
  const found = state.streams.get(stream);
  if (found === undefined) return refuse('stream-not-found', 'Stream does NOT exist');
  if (!mayControl(state, actor, found.owner)) return refuse('forbidden', 'unauthorized');
  const view = state.views.get(label);
  const setting = state.document?.views.find((each) => each.label === label);
  if (view === undefined || setting === undefined || setting.video === false) {
    return refuse('bad-request', 'Invalid view');
  }
  return getRegion(viewRules(setting.video), view.inputs, stream);
}
