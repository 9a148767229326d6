// Owns what clients are told of the room's own streams: one update for each thing about mixed views and selected audio
// that is other than before (room-model §7.5, §7.7, §8.3).
import type { StreamUpdate } from '../../schemas/notice.ts';
import { selectedAudioId } from './delivery.ts';
import { sameSelected } from './selected-audio.ts';
import type { RoomState } from './state.ts';
import { nobody } from './view/active-speaker.ts';
import { mixedStreamId } from './view/mixed-stream.ts';
import { viewRules } from './view/view-inputs.ts';
import { layoutChange } from './view/view-layout.ts';
import { videoSetting } from './view/view-setting.ts';

export interface OwnUpdate {
  /** The mixed stream, or that of selected audio. */
  readonly stream: string;
  readonly update: StreamUpdate;
}

/** View by view, the layout before the speaker; nothing of views that were not there before or are not any more. */
export function viewUpdates(before: RoomState, after: RoomState): readonly OwnUpdate[] {
  if (before.views === after.views) return [];
  const updates: OwnUpdate[] = [];
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

export function selectionUpdates(before: RoomState, after: RoomState): readonly OwnUpdate[] {
  if (before.selected === after.selected) return [];
  return after.selected.flatMap((now, index) => {
    if (sameSelected(now, before.selected[index])) return [];
    const value = { id: now.stream ?? nobody, volume: now.volume };
    return [{ stream: selectedAudioId(index), update: { field: 'activeInput', value } as const }];
  });
}
