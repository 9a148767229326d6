import { describe, expect, it } from 'vitest';
import type { Notice } from '../../schemas/notice.ts';
import type { ForwardStreamInfo, StreamInfo } from '../../schemas/stream.ts';
import { emptyMirror, foldNotice, replaceMirror } from './room-mirror.ts';
import type { RoomMirror } from './room-mirror.ts';

const ana = { id: 'ana', user: 'Ana', role: 'presenter' };
const bo = { id: 'bo', user: 'Bo', role: 'presenter' };

function stream(id: string, owner = 'ana'): ForwardStreamInfo {
  return {
    id,
    type: 'forward',
    media: {
      tracks: [
        { id: `${id}-0`, type: 'audio', format: { codec: 'opus' }, optional: {}, status: 'active', mid: '0' },
        { id: `${id}-1`, type: 'video', format: { codec: 'vp8' }, optional: {}, status: 'active', mid: '1' },
      ],
    },
    info: { owner, type: 'webrtc', inViews: [] },
  };
}

function fold(...notices: readonly Notice[]): { room: RoomMirror; changes: string[] } {
  let room = emptyMirror;
  const changes: string[] = [];
  for (const notice of notices) {
    const folded = foldNotice(room, notice);
    room = folded.room;
    changes.push(...folded.changes.map(({ type }) => type));
  }
  return { room, changes };
}

const statuses = (info: StreamInfo | undefined) => info?.media.tracks.map(({ status }) => status);

describe('foldNotice', () => {
  it('follows people and streams coming and going', () => {
    const { room, changes } = fold(
      { type: 'participant-joined', participant: ana },
      { type: 'participant-joined', participant: bo },
      { type: 'stream-added', stream: stream('s1') },
      { type: 'stream-removed', stream: 's1' },
      { type: 'participant-left', participant: 'ana' },
    );
    expect([...room.participants.keys()]).toEqual(['bo']);
    expect(room.streams.size).toBe(0);
    expect(changes).toEqual([
      'participant-joined',
      'participant-joined',
      'stream-added',
      'stream-removed',
      'participant-left',
    ]);
  });

  it('tells nothing the second time it is told the same', () => {
    const { changes } = fold(
      { type: 'participant-joined', participant: ana },
      { type: 'participant-joined', participant: ana },
      { type: 'stream-added', stream: stream('s1') },
      { type: 'stream-added', stream: stream('s1') },
      { type: 'stream-removed', stream: 's1' },
      { type: 'stream-removed', stream: 's1' },
      { type: 'participant-left', participant: 'nobody' },
      { type: 'stream-updated', stream: 's1', update: { field: 'audio.status', value: 'inactive' } },
    );
    expect(changes).toEqual(['participant-joined', 'stream-added', 'stream-removed']);
  });

  it('changes the status of the tracks of one kind alone', () => {
    const { room } = fold(
      { type: 'stream-added', stream: stream('s1') },
      { type: 'stream-updated', stream: 's1', update: { field: 'video.status', value: 'inactive' } },
    );
    expect(statuses(room.streams.get('s1'))).toEqual(['active', 'inactive']);
  });

  it('takes a whole new stream in an update of `.`', () => {
    const larger = { ...stream('s1'), data: true };
    const { room } = fold(
      { type: 'stream-added', stream: stream('s1') },
      { type: 'stream-updated', stream: 's1', update: { field: '.', value: larger } },
    );
    expect(room.streams.get('s1')).toEqual(larger);
  });

  const mixed: StreamInfo = {
    id: 'room-common',
    type: 'mixed',
    media: { tracks: [] },
    data: null,
    info: { label: 'common', activeInput: 'unknown', layout: [], origin: { isp: '', region: '' } },
  };
  const layout = [
    {
      stream: 's1',
      region: {
        id: '1',
        shape: 'rectangle' as const,
        area: { left: '0/1', top: '0/1', width: '1/1', height: '1/1' },
      },
    },
  ];

  it('notes layout and speaker of a mixed stream, each without touching the other', () => {
    const { room, changes } = fold(
      { type: 'stream-added', stream: mixed },
      { type: 'stream-updated', stream: mixed.id, update: { field: 'video.layout', value: layout } },
      { type: 'stream-updated', stream: mixed.id, update: { field: 'activeInput', value: 's1' } },
    );
    expect(room.streams.get(mixed.id)?.info).toEqual({ ...mixed.info, activeInput: 's1', layout });
    expect(changes).toEqual(['stream-added', 'stream-updated', 'stream-updated']);
    const { room: later } = foldNotice(room, {
      type: 'stream-updated',
      stream: mixed.id,
      update: { field: 'video.layout', value: [] },
    });
    expect(later.streams.get(mixed.id)?.info).toMatchObject({ activeInput: 's1', layout: [] });
  });

  it('gives no layout to a stream that is not mixed', () => {
    const { room } = fold(
      { type: 'stream-added', stream: stream('s1') },
      { type: 'stream-updated', stream: 's1', update: { field: 'video.layout', value: layout } },
    );
    expect(room.streams.get('s1')).toEqual(stream('s1'));
  });

  it('notes in which views a stream is', () => {
    const shown = { ...stream('s1'), info: { ...stream('s1').info, inViews: ['common'] } };
    const { room } = fold(
      { type: 'stream-added', stream: stream('s1') },
      { type: 'stream-updated', stream: 's1', update: { field: '.', value: shown } },
    );
    expect(room.streams.get('s1')?.info).toMatchObject({ inViews: ['common'] });
  });

  it('notes whom selected audio carries, and how loud', () => {
    const selected = stream('active-audio-0', 'unknown');
    const { room } = fold(
      { type: 'stream-added', stream: selected },
      {
        type: 'stream-updated',
        stream: selected.id,
        update: { field: 'activeInput', value: { id: 's1', volume: 'minor' } },
      },
    );
    expect(room.streams.get(selected.id)?.info).toEqual({
      ...selected.info,
      activeInput: 's1',
      volume: 'minor',
    });
  });

  it('leaves the room it was given as it was', () => {
    const { room } = fold({ type: 'participant-joined', participant: ana });
    foldNotice(room, { type: 'participant-left', participant: 'ana' });
    expect(room.participants.size).toBe(1);
  });
});

describe('replaceMirror', () => {
  it('tells exactly what differs, removals first', () => {
    const { room } = fold(
      { type: 'participant-joined', participant: ana },
      { type: 'stream-added', stream: stream('kept') },
      { type: 'stream-added', stream: stream('gone') },
      { type: 'stream-added', stream: stream('changed') },
    );
    const changed = { ...stream('changed'), data: true };
    const { changes } = replaceMirror(room, {
      id: 'room',
      views: [],
      participants: [bo],
      streams: [stream('kept'), changed, stream('new', 'bo')],
    });
    expect(changes).toEqual([
      { type: 'stream-removed', stream: stream('gone') },
      { type: 'participant-left', participant: ana },
      { type: 'participant-joined', participant: bo },
      { type: 'stream-updated', stream: changed },
      { type: 'stream-added', stream: stream('new', 'bo') },
    ]);
  });
});
