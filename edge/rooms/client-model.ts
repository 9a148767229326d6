// Owns, for tests, what a client that believes every notice knows of its room. It throws at a notice that makes no sense
// to it: about something it does not know, or twice.
import type { Notice, StreamUpdate } from '../../schemas/notice.ts';
import type { RoomView } from '../../schemas/signal.ts';
import type { ParticipantInfo, StreamInfo } from '../../schemas/stream.ts';

export class ClientModel {
  readonly participants: Map<string, ParticipantInfo>;
  readonly streams: Map<string, StreamInfo>;
  /** Its own publications and subscriptions, from their acknowledgement to their end; true once ready. */
  readonly sessions = new Map<string, boolean>();
  dropped = false;

  constructor(view: RoomView) {
    this.participants = new Map(view.participants.map((each) => [each.id, each]));
    this.streams = new Map(view.streams.map((each) => [each.id, each]));
  }

  take(notice: Notice): void {
    expectThat(!this.dropped, 'nothing follows dropped');
    switch (notice.type) {
      case 'participant-joined':
        expectThat(!this.participants.has(notice.participant.id), 'a participant joins once');
        this.participants.set(notice.participant.id, notice.participant);
        return;
      case 'participant-left':
        expectThat(this.participants.delete(notice.participant), 'who leaves was there');
        return;
      case 'stream-added':
        expectThat(!this.streams.has(notice.stream.id), 'a stream is added once');
        this.streams.set(notice.stream.id, notice.stream);
        return;
      case 'stream-updated': {
        const stream = this.streams.get(notice.stream);
        if (stream === undefined) throw new Error('an updated stream is known');
        this.streams.set(stream.id, updated(stream, notice.update));
        return;
      }
      case 'stream-removed':
        expectThat(this.streams.delete(notice.stream), 'a removed stream is known');
        return;
      case 'session-ready':
        expectThat(this.sessions.get(notice.session) === false, 'a session is ready once');
        this.sessions.set(notice.session, true);
        return;
      case 'session-ended':
        expectThat(this.sessions.delete(notice.session), 'an ended session is known');
        return;
      case 'dropped':
        this.dropped = true;
        return;
      case 'transport-ready':
      case 'transport-failed':
      case 'text':
        return;
    }
  }
}

function updated(stream: StreamInfo, update: StreamUpdate): StreamInfo {
  if (update.field === '.') return update.value;
  if (update.field === 'video.layout') {
    if (stream.type !== 'mixed') throw new Error('a layout is of a mixed stream');
    return { ...stream, info: { ...stream.info, layout: update.value } };
  }
  if (update.field === 'activeInput') return heard(stream, update.value);
  const status = update.value;
  const kind = update.field === 'audio.status' ? 'audio' : 'video';
  const tracks = stream.media.tracks.map((track) => (track.type === kind ? { ...track, status } : track));
  return { ...stream, media: { tracks } };
}

type Heard = Extract<StreamUpdate, { field: 'activeInput' }>['value'];

function heard(stream: StreamInfo, value: Heard): StreamInfo {
  if (stream.type === 'mixed') {
    if (typeof value !== 'string') throw new Error('of a mixed stream only who speaks is told');
    return { ...stream, info: { ...stream.info, activeInput: value } };
  }
  if (typeof value === 'string') throw new Error('of selected audio the volume is told too');
  const { volume: _before, ...info } = stream.info;
  const { id: activeInput, volume } = value;
  return { ...stream, info: { ...info, activeInput, ...(activeInput === 'unknown' ? {} : { volume }) } };
}

function expectThat(truth: boolean, what: string): void {
  if (!truth) throw new Error(`client model: ${what}`);
}
