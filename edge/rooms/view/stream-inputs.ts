// Owns what of a stream is an input of a video view: one for each of its video m-lines, whatever number of simulcast
// layers that has.
import type { Stream, VideoTrack } from '../state.ts';
import type { ViewInput } from './view-inputs.ts';

export interface StreamInput extends Pick<ViewInput, 'id' | 'stream'> {
  /** Of one m-line: its simulcast layers, or its one track. Never empty. */
  readonly layers: readonly VideoTrack[];
}

/** In the order of the stream's tracks. Ids are unique in the room, and the track's own where there are no layers. */
export function streamInputs(stream: Pick<Stream, 'id' | 'transport' | 'tracks'>): readonly StreamInput[] {
  const byMid = new Map<string, VideoTrack[]>();
  for (const track of stream.tracks) {
    if (track.kind !== 'video') continue;
    const layers = byMid.get(track.mid);
    if (layers === undefined) byMid.set(track.mid, [track]);
    else layers.push(track);
  }
  return Array.from(byMid, ([mid, layers]) => ({
    id: `${stream.transport}-${mid}`,
    stream: stream.id,
    layers,
  }));
}
