// Owns what clients are told of mixed views: one update for each thing that is other than before (room-model §7.5, §7.7).
import type { StreamUpdate } from '../../schemas/notice.ts';
import type { RoomState } from './state.ts';
import { mixedStreamId } from './view/mixed-stream.ts';
import { viewRules } from './view/view-inputs.ts';
import { layoutChange } from './view/view-layout.ts';
import { videoSetting } from './view/view-setting.ts';

export interface MixedUpdate {
  /** The mixed stream. */
  readonly stream: string;
  readonly update: StreamUpdate;
}

/** View by view, the layout before the speaker; nothing of views that were not there before or are not any more. */
export function viewUpdates(before: RoomState, after: RoomState): readonly MixedUpdate[] {
  if (before.views === after.views) return [];
  const updates: MixedUpdate[] = [];
  for (const [label, view] of after.views) {
    const old = before.views.get(label);
    if (old === undefined || old === view) continue;
    const stream = mixedStreamId(after.id, label);
    const video = videoSetting(after.document, label);
    const layout = video && layoutChange(viewRules(video), old.inputs, view.inputs);
    if (layout !== undefined) updates.push({ stream, update: { field: 'video.layout', value: layout } });
    if (view.activeInput !== old.activeInput) {
      updates.push({ stream, update: { field: 'activeInput', value: view.activeInput } });
    }
  }
  return updates;
}
