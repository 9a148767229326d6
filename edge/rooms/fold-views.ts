// Owns what events do to a room's mixed views: who is in them, in which place, and who speaks. The arithmetic is in
// `view/`; this is where streams and views meet.
import type { RoomDocument } from '../../schemas/room.ts';
import type { LayoutEntry } from '../../schemas/stream.ts';
import type { Transcoders } from './transcoders.ts';
import { put } from './persistent-map.ts';
import type { RoomState, Stream, View } from './state.ts';
import { follow, nobody } from './view/active-speaker.ts';
import { streamInputs } from './view/stream-inputs.ts';
import { join, leave, leaveStream, noInputs, viewRules } from './view/view-inputs.ts';
import type { ViewInputs } from './view/view-inputs.ts';
import { setLayout, setRegion } from './view/view-layout.ts';
import type { ViewChange } from './view/view-layout.ts';
import { videoSetting } from './view/view-setting.ts';

type Views = RoomState['views'];

/**
 * The views that can be mixed, in the document's order: each needs sound mixed, and its picture if it has one. Those that
 * are `present` stay as they are.
 */
export function openViews(
  { views }: RoomDocument,
  transcoders: Transcoders,
  present: Views = new Map(),
): Views {
  const possible = views.filter(({ video }) => transcoders.audio && (video === false || transcoders.video));
  return new Map(
    possible.map(({ label }) => [
      label,
      present.get(label) ?? { label, inputs: noInputs, activeInput: nobody, attention: 0 },
    ]),
  );
}

/** The stream is mixed in the view from now on; what is not there is left as it is. */
export function mixed(state: RoomState, id: string, label: string): RoomState {
  const stream = state.streams.get(id);
  const view = state.views.get(label);
  if (stream === undefined || view === undefined || stream.inViews.includes(label)) return state;
  return {
    ...state,
    streams: put(state.streams, id, { ...stream, inViews: [...stream.inViews, label] }),
    views: put(state.views, label, { ...view, inputs: joined(state.document, view, stream) }),
  };
}

export function unmixed(state: RoomState, id: string, label: string): RoomState {
  const stream = state.streams.get(id);
  if (!stream?.inViews.includes(label)) return state;
  return {
    ...state,
    streams: put(state.streams, id, { ...stream, inViews: stream.inViews.filter((each) => each !== label) }),
    views: change(state.views, label, (view) => without(view, id)),
  };
}

/** The views after the streams are gone. */
export function viewsWithout(views: Views, streams: readonly Stream[]): Views {
  let rest = views;
  for (const { id, inViews } of streams) {
    for (const label of inViews) rest = change(rest, label, (view) => without(view, id));
  }
  return rest;
}

/** The views after a mixed stream has other tracks: inputs that vanished leave, then new ones join. */
export function viewsWithTracks(state: RoomState, stream: Stream): Views {
  const present = new Set(streamInputs(stream).map(({ id }) => id));
  let views = state.views;
  for (const label of stream.inViews) {
    views = change(views, label, (view) => {
      const { shown, pending } = view.inputs;
      const gone = [...pending, ...shown].filter(
        (each) => each.stream === stream.id && !present.has(each.id),
      );
      const inputs = gone.reduce((rest, { id }) => leave(rest, id), view.inputs);
      return { ...view, inputs: joined(state.document, { ...view, inputs }, stream) };
    });
  }
  return views;
}

export function regionSet(state: RoomState, label: string, stream: string, region: string): RoomState {
  return rearranged(state, label, (rules, inputs) => setRegion(rules, inputs, stream, region));
}

export function layoutSet(state: RoomState, label: string, layout: readonly LayoutEntry[]): RoomState {
  return rearranged(state, label, (rules, inputs) => setLayout(rules, inputs, layout));
}

export function spoken(state: RoomState, label: string, stream: string): RoomState {
  const video = videoSetting(state.document, label);
  if (video === undefined || !state.streams.get(stream)?.inViews.includes(label)) return state;
  return {
    ...state,
    views: change(state.views, label, (view) => ({ ...view, ...follow(video, view, stream) })),
  };
}

/** Who speaks is to be reported anew after it (room-model §7.5). */
function rearranged(
  state: RoomState,
  label: string,
  rearrange: (rules: ReturnType<typeof viewRules>, inputs: ViewInputs) => ViewChange,
): RoomState {
  const video = videoSetting(state.document, label);
  if (video === undefined) return state;
  const views = change(state.views, label, (view) => {
    const changed = rearrange(viewRules(video), view.inputs);
    return changed.ok ? { ...view, inputs: changed.view, attention: view.attention + 1 } : view;
  });
  return { ...state, views };
}

/** A view without video has no inputs: its sound is of all streams that are in it. */
function joined(document: RoomDocument | undefined, { label, inputs }: View, stream: Stream): ViewInputs {
  const video = videoSetting(document, label);
  if (video === undefined) return inputs;
  const rules = viewRules(video);
  return streamInputs(stream).reduce((after, input) => join(rules, after, input), inputs);
}

function without(view: View, stream: string): View {
  return {
    ...view,
    inputs: leaveStream(view.inputs, stream),
    activeInput: view.activeInput === stream ? nobody : view.activeInput,
  };
}

function change(views: Views, label: string, changed: (view: View) => View): Views {
  const view = views.get(label);
  return view === undefined ? views : put(views, label, changed(view));
}
