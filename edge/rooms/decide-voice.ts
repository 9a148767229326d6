// Owns what workers report of who is heard: the active speaker of a view (room-model §7.5), and what the streams of
// selected audio carry (§8.3). Reports of a worker that does not mix the room any more mean nothing.
import type { ReportItem } from '../../schemas/worker.ts';
import type { Decision } from './command.ts';
import { accept } from './decision.ts';
import type { OpenRoom } from './decision.ts';
import { mixerId } from './output-name.ts';
import { sameSelected, silent } from './selected-audio.ts';
import type { SelectedAudio } from './state.ts';
import { follow, followsVoice } from './view/active-speaker.ts';
import { mixedStreamId } from './view/mixed-stream.ts';
import { videoSetting, viewSetting } from './view/view-setting.ts';

type Item<T extends ReportItem['type']> = Extract<ReportItem, { type: T }>;

export function decideVoice(
  room: OpenRoom,
  worker: string,
  item: Item<'speaker'> | Item<'selected'>,
): Decision {
  if (room.mixing?.worker !== worker) return accept();
  return item.type === 'speaker' ? aboutSpeaker(room, item) : aboutSelected(room, item);
}

function aboutSpeaker(room: OpenRoom, { mixer, stream }: Item<'speaker'>): Decision {
  const view = [...room.views.values()].find(
    ({ label }) => mixerId(mixedStreamId(room.id, label), 'audio') === mixer,
  );
  if (view === undefined || !room.streams.get(stream)?.inViews.includes(view.label)) return accept();
  const setting = viewSetting(room.document, view.label);
  const video = videoSetting(room.document, view.label);
  if (setting === undefined || video === undefined || !followsVoice(setting)) return accept();
  const { inputs, activeInput } = follow(video, view, stream);
  if (inputs === view.inputs && activeInput === view.activeInput) return accept();
  return accept({ type: 'speaker-heard', view: view.label, stream });
}

function aboutSelected({ streams, selected }: OpenRoom, { inputs }: Item<'selected'>): Decision {
  const now = selected.map((_, index): SelectedAudio => {
    const { stream, volume } = inputs[index] ?? silent;
    return stream !== undefined && streams.get(stream)?.phase === 'ready' ? { stream, volume } : silent;
  });
  if (now.every((each, index) => sameSelected(each, selected[index]))) return accept();
  return accept({ type: 'audio-selected', selected: now });
}
