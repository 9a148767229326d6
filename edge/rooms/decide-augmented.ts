// Owns when an analysis publishes what it makes of its source: an augmented stream (room-model §5.1). It is no input that
// is counted, and ending it leaves the analysis as it is.
import type { ReportedTrack } from '../../schemas/worker.ts';
import type { Decision } from './command.ts';
import { accept } from './decision.ts';
import type { OpenRoom } from './decision.ts';
import { trackObjection, tracksFrom } from './reported-tracks.ts';
import type { RequestedTrack, Stream, Transport } from './state.ts';
import { internalParticipant } from './stream-info.ts';

/** Its own mids `audio` and `video` are of what it is sent. */
const mids: readonly RequestedTrack[] = [
  { mid: 'audio-out', kind: 'audio' },
  { mid: 'video-out', kind: 'video' },
];

/** Once its transport is ready the report is an old one: the stream may have been ended since. */
export function decideAugmented(
  room: OpenRoom,
  { id: transport, work, phase }: Transport,
  reported: readonly ReportedTrack[],
): Decision {
  const stream = `${transport}-augmented`;
  if (work?.do !== 'analyse' || phase === 'ready' || room.streams.has(stream)) return accept();
  const requested = mids.filter(({ mid, kind }) =>
    reported.some((track) => track.mid === mid && track.kind === kind),
  );
  const made: Stream = {
    id: stream,
    owner: internalParticipant,
    type: 'analytics',
    transport,
    requested,
    phase: 'connecting',
    tracks: [],
    inViews: [],
  };
  const tracks = tracksFrom(made, reported);
  const reason = trackObjection(room.document, tracks);
  if (reason !== undefined) return accept({ type: 'transport-closed', transport, reason });
  return accept(
    {
      type: 'publication-requested',
      stream,
      owner: made.owner,
      streamType: made.type,
      transport,
      tracks: requested,
    },
    { type: 'publication-ready', stream, tracks },
  );
}
