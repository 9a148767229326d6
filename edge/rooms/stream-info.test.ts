// Owns the tests of how rooms and streams look to clients.
import { describe, expect, it } from 'vitest';
import { ScriptedRoom, publishCommand, reported, roomId } from './scripted-room.ts';
import { roomView, streamInfo } from './stream-info.ts';

const nothing = {
  format: [],
  parameters: { resolution: [], framerate: [], bitrate: [], keyFrameInterval: [] },
};

describe('streamInfo', () => {
  it('portal-protocol#9 media.tracks and the four option lists are always present', () => {
    const room = ScriptedRoom.open().join('a');
    room.run({
      ...publishCommand('a', 's'),
      request: {
        media: {
          tracks: [
            { type: 'audio', mid: '0', source: 'mic' },
            { type: 'video', mid: '1' },
          ],
        },
        attributes: { title: 'desk' },
      },
    });
    room.run({ type: 'place-transport', transport: 's', worker: 'w1' });
    const resolution = { width: 320, height: 180 };
    const tracks = [
      reported('s', '0', 'audio'),
      reported('s', '1', 'video', { rid: 'q', resolution }),
      reported('s', '1', 'video', { rid: 'h' }),
    ];
    const item = { type: 'publication-ready' as const, publication: 's', tracks };
    room.run({ type: 'report', worker: 'w1', item });
    const stream = room.state.streams.get('s');
    if (stream === undefined) throw new Error('no stream');
    const video = { type: 'video', mid: '1', status: 'active', format: { codec: 'vp8' } };
    expect(streamInfo(room.state, stream)).toStrictEqual({
      id: 's',
      type: 'forward',
      media: {
        tracks: [
          {
            id: 's-0',
            type: 'audio',
            source: 'mic',
            mid: '0',
            status: 'active',
            format: { codec: 'opus', sampleRate: 48000, channelNum: 2 },
            optional: { format: [] },
          },
          { ...video, id: 's-1:q', rid: 'q', parameters: { resolution }, optional: nothing },
          { ...video, id: 's-1:h', rid: 'h', optional: nothing },
        ],
      },
      info: { owner: 'a', type: 'webrtc', inViews: [], attributes: { title: 'desk' } },
    });
  });
});

describe('roomView', () => {
  it('has everybody but the internal participant, and no stream that is still connecting', () => {
    const room = ScriptedRoom.open().join('admin', 'a').stream('a', 's');
    room.joinAs('b', 'viewer');
    room.run(publishCommand('a', 'connecting'));
    const view = roomView(room.state);
    expect(view.id).toBe(roomId);
    expect(view.views).toEqual(['common']);
    expect(view.participants).toEqual([
      { id: 'a', user: 'user of a', role: 'presenter' },
      { id: 'b', user: 'user of b', role: 'viewer' },
    ]);
    expect(view.streams.map(({ id }) => id)).toEqual(['s']);
  });

  it('lists a mixed stream for each view that can be mixed, before all others, also while it is empty', () => {
    const views = [{}, { label: 'sound', video: false }];
    const room = ScriptedRoom.mixing({ views }).join('a').stream('a', 's').mix(['s'], ['common', 'sound']);
    const [common, sound, forward, ...more] = roomView(room.state).streams;
    expect(more).toEqual([]);
    const area = { left: '0/1', top: '0/1', width: '1/1', height: '1/1' };
    expect(common).toMatchObject({ id: `${roomId}-common`, type: 'mixed', data: null });
    expect(common?.info).toStrictEqual({
      label: 'common',
      activeInput: 'unknown',
      layout: [{ stream: 's', region: { id: '1', shape: 'rectangle', area } }],
      origin: { isp: '', region: '' },
    });
    const kinds = (tracks: readonly { readonly type: string }[] = []) => tracks.map(({ type }) => type);
    expect(kinds(common?.media.tracks)).toEqual(['audio', 'video']);
    expect(kinds(sound?.media.tracks)).toEqual(['audio']);
    expect(sound?.info).toMatchObject({ label: 'sound', layout: [] });
    expect(forward?.info).toMatchObject({ inViews: ['common', 'sound'] });
    expect(roomView(ScriptedRoom.mixing().state).streams).toMatchObject([{ info: { layout: [] } }]);
  });

  it.each([
    { transcoders: undefined, ids: [] },
    { transcoders: { audio: false, video: true }, ids: [] },
    { transcoders: { audio: true, video: false }, ids: [`${roomId}-sound`] },
    { transcoders: { audio: true, video: true }, ids: [`${roomId}-common`, `${roomId}-sound`] },
  ])('with workers for $transcoders mixes $ids', ({ transcoders, ids }) => {
    const room = new ScriptedRoom();
    const document = ScriptedRoom.document({ views: [{}, { label: 'sound', video: false }] });
    room.run({ type: 'open', document, ...(transcoders && { transcoders }) });
    expect(roomView(room.state).streams.map(({ id }) => id)).toEqual(ids);
    expect([...room.state.views.keys()].map((label) => `${roomId}-${label}`)).toEqual(ids);
  });

  it('offers of a forward stream what can be made of it', () => {
    const room = ScriptedRoom.mixing().join('a').stream('a', 's');
    const forward = roomView(room.state).streams.find(({ id }) => id === 's');
    expect(forward?.media.tracks.every(({ optional }) => optional.format?.length !== 0)).toBe(true);
  });

  it('of a room that is not open is empty', () => {
    expect(roomView(new ScriptedRoom().state)).toEqual({
      id: roomId,
      views: [],
      participants: [],
      streams: [],
    });
  });
});
