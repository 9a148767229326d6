// Owns the tests of codecs that nobody makes any more: what clients are offered then, and who loses what.
import { describe, expect, it } from 'vitest';
import type { VideoFormat } from '../../schemas/media.ts';
import { plan } from './plan.ts';
import { ScriptedRoom, reported, roomId, subscribeCommand, toldTo } from './scripted-room.ts';
import { roomView } from './stream-info.ts';
import type { Transcoders } from './transcoders.ts';
import { decodeState, encodeState } from './snapshot-codec.ts';

const both: Transcoders = { audio: true, video: true };
const gpu: Transcoders = { ...both, taken: ['h265'], made: ['h265'] };
const h265 = { codec: 'h265' } as const;
const settings = {
  mediaIn: { audio: [{ codec: 'opus', sampleRate: 48000, channelNum: 2 }], video: [{ codec: 'vp8' }, h265] },
  mediaOut: { video: { format: [{ codec: 'vp8' }, h265] } },
};
const view = `${roomId}-common`;
const reason = 'No media worker can make H265 of it any more';

function opened(transcoders: Transcoders, more: Readonly<Record<string, unknown>> = {}): ScriptedRoom {
  const room = new ScriptedRoom();
  const document = ScriptedRoom.document({ ...settings, ...more });
  room.run({ type: 'open', document, transcoders });
  return room.join('a', 'b', 'c').stream('a', 's').mix(['s']);
}

/** Subscribed to and negotiated in that format. */
function watch(room: ScriptedRoom, who: string, id: string, from: string, format: VideoFormat): void {
  room.run(subscribeCommand(who, id, from, ['video']));
  room.run({ type: 'place-transport', transport: id, worker: 'w1' });
  negotiated(room, id, format);
}

function negotiated(room: ScriptedRoom, subscription: string, format: VideoFormat) {
  const tracks = [{ mid: '0', format }];
  return room.run({
    type: 'report',
    worker: 'w1',
    item: { type: 'subscription-negotiated', subscription, tracks },
  });
}

const offered = ({ state }: ScriptedRoom) => {
  const info = roomView(state).streams.find(({ id }) => id === view);
  return info?.media.tracks.flatMap((track) =>
    track.type === 'video' ? [track.format, ...(track.optional.format ?? [])].map((each) => each.codec) : [],
  );
};

describe('a codec that nobody makes any more', () => {
  it('is no longer offered, and clients hear of the streams that this changes, and of no others', () => {
    const room = opened(gpu).stream('b', 'talk', ['audio']);
    const views = () => roomView(room.state).streams;
    const notices = room.run({ type: 'learn-transcoders', transcoders: both });
    const mixed = views().find(({ id }) => id === view);
    expect(offered(room)).toEqual(['vp8']);
    expect(toldTo('a', notices)).toEqual([
      { type: 'stream-updated', stream: view, update: { field: '.', value: mixed } },
      {
        type: 'stream-updated',
        stream: 's',
        update: { field: '.', value: views().find(({ id }) => id === 's') },
      },
    ]);
  });

  it('ends for those who were sent it, with the reason, and for nobody else', () => {
    const room = opened(gpu);
    watch(room, 'b', 'in-h265', view, h265);
    watch(room, 'c', 'in-vp8', view, { codec: 'vp8' });
    watch(room, 'c', 'converted', 's', h265);
    watch(room, 'b', 'as-it-is', 's', { codec: 'vp8' });
    const notices = room.run({ type: 'learn-transcoders', transcoders: both });
    expect([...room.state.subscriptions.keys()]).toEqual(['in-vp8', 'as-it-is']);
    const ended = (who: string) => toldTo(who, notices).filter(({ type }) => type === 'session-ended');
    expect(ended('b')).toEqual([{ type: 'session-ended', transport: 'in-h265', session: 'in-h265', reason }]);
    expect(ended('c')).toMatchObject([{ session: 'converted', reason }]);
    expect(ended('a')).toEqual([]);
    // What is offered instead is known before the end.
    expect(toldTo('b', notices).at(0)).toMatchObject({ type: 'stream-updated' });
  });

  it('is not made when it was settled on at that very moment', () => {
    const room = opened(gpu);
    room.run(subscribeCommand('b', 'late', view, ['video']));
    room.run({ type: 'place-transport', transport: 'late', worker: 'w1' });
    room.run({ type: 'learn-transcoders', transcoders: both });
    const notices = negotiated(room, 'late', h265);
    expect(room.state.subscriptions.size).toBe(0);
    expect(toldTo('b', notices)).toMatchObject([{ type: 'session-ended', session: 'late', reason }]);
  });

  it('cannot be converted from either: who had it converted is told, who has it as it is goes on', () => {
    const room = opened(gpu).join('d');
    room.stream('d', 'hevc', ['video']);
    const tracks = [{ ...reported('hevc', '0', 'video'), format: h265 }];
    room.run({
      type: 'report',
      worker: 'w1',
      item: { type: 'publication-changed', publication: 'hevc', tracks },
    });
    watch(room, 'b', 'converted', 'hevc', { codec: 'vp8' });
    watch(room, 'c', 'as-it-is', 'hevc', h265);
    room.run({ type: 'learn-transcoders', transcoders: { ...both, made: ['h265'] } });
    expect([...room.state.subscriptions.keys()]).toEqual(['as-it-is']);
  });

  it('is offered again when somebody makes it again, and a view in it is in it again', () => {
    const room = opened(gpu, { views: [{ video: { format: h265 } }] });
    expect(offered(room)).toEqual(['h265', 'vp8']);
    room.run({ type: 'learn-transcoders', transcoders: both });
    expect(offered(room)).toEqual(['vp8']);
    room.run({ type: 'learn-transcoders', transcoders: gpu });
    expect(offered(room)).toEqual(['h265', 'vp8']);
  });

  it('is offered, too, by a room that opened before anybody made it, also after it was read from a snapshot', () => {
    const room = opened(both);
    expect(offered(room)).toEqual(['vp8']);
    room.run({ type: 'reschedule', schedule: { closesAt: 5 } });
    const read = decodeState(roomId, encodeState(room.state));
    if (read === undefined) throw new Error('no snapshot');
    room.state = read;
    room.run({ type: 'learn-transcoders', transcoders: gpu });
    expect(offered(room)).toEqual(['vp8', 'h265']);
    expect(room.state.document?.schedule).toEqual({ closesAt: 5 });
  });
});

describe('a room that allows certain engines', () => {
  it('has its pictures made by these', () => {
    const room = opened(both, { mediaEngines: ['vaapi', 'cpu'] });
    room.run({ type: 'place-mixing', worker: 'w1' });
    watch(room, 'b', 'sub', view, { codec: 'vp8' });
    watch(room, 'c', 'converted', 's', { codec: 'h264', profile: 'CB' });
    const mixers = plan(room.state).desired.get('w1')?.mixers ?? [];
    const made = mixers.flatMap((mixer) => (mixer.kind === 'video' ? [mixer.engines] : []));
    expect(made).toEqual([
      ['vaapi', 'cpu'],
      ['vaapi', 'cpu'],
    ]);
  });

  it('offers nothing that these do not make', () => {
    const room = opened(
      { ...both, unmade: ['vp8', 'vp9'] },
      {
        mediaEngines: ['vaapi'],
        mediaOut: { video: { format: [{ codec: 'vp8' }, { codec: 'h264', profile: 'CB' }] } },
      },
    );
    expect(offered(room)).toEqual(['h264']);
  });

  it.each<[string, Transcoders, readonly string[]]>([
    ['makes', { ...both, unmade: ['h264'] }, ['as-it-is']],
    ['takes', { ...both, untaken: ['vp8'] }, ['as-it-is']],
    ['makes of those in use', { ...both, unmade: ['vp9'] }, ['converted', 'as-it-is']],
  ])('tells who had a plain codec converted that none of these %s any more', (_what, now, left) => {
    const format = [{ codec: 'vp8' }, { codec: 'h264', profile: 'CB' }];
    const room = opened(both, { mediaEngines: ['vaapi'], mediaOut: { video: { format } } });
    watch(room, 'b', 'converted', 's', { codec: 'h264', profile: 'CB' });
    watch(room, 'c', 'as-it-is', 's', { codec: 'vp8' });
    room.run({ type: 'learn-transcoders', transcoders: now });
    expect([...room.state.subscriptions.keys()]).toEqual(left);
  });

  it('tells those who would see pictures when no worker has any of them, not those who hear', () => {
    const room = opened(both, { mediaEngines: ['vaapi'] });
    watch(room, 'b', 'seen', view, { codec: 'vp8' });
    watch(room, 'c', 'as-it-is', 's', { codec: 'vp8' });
    room.subscription('c', 'heard', view, ['audio']);
    const notices = room.run({ type: 'mixing-unplaceable', reason: 'none has vaapi' });
    expect([...room.state.subscriptions.keys()]).toEqual(['as-it-is', 'heard']);
    expect(toldTo('b', notices)).toMatchObject([{ session: 'seen', reason: 'none has vaapi' }]);
  });
});
