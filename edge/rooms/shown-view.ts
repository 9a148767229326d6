// Owns finding the picture of a view that a request names.
import { refuse } from './decision.ts';
import type { Refused } from './decision.ts';
import type { RoomState } from './state.ts';
import { viewRules } from './view/view-inputs.ts';
import type { ViewInputs, ViewRules } from './view/view-inputs.ts';
import { videoSetting } from './view/view-setting.ts';

/** `Invalid mix view` for one that is not there or has no picture. */
export function shownView(
  { document, views }: RoomState,
  label: string,
): { readonly ok: true; readonly rules: ViewRules; readonly inputs: ViewInputs } | Refused {
  const view = views.get(label);
  const video = videoSetting(document, label);
  if (view === undefined || video === undefined) return refuse('bad-request', 'Invalid mix view');
  return { ok: true, rules: viewRules(video), inputs: view.inputs };
}
