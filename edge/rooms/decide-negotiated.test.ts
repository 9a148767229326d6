// Owns the tests of what follows from negotiated formats, and of updates that keep them.
import { describe, expect, it } from 'vitest';
import type { Kind } from '../../schemas/media.ts';
import type { Format, ReportItem } from '../../schemas/worker.ts';
import type { Command } from './command.ts';
import { plan } from './plan.ts';
import { ScriptedRoom, publishCommand, reported, roomId, subscribeCommand } from './scripted-room.ts';

const mix = `${roomId}-common`;
const opus: Format = { codec: 'opus', sampleRate: 48000, channelNum: 2 };
const vp8: Format = { codec: 'vp8' };
const vp9: Format = { codec: 'vp9' };

/** `a` publishes `s` (VP8) and `t` (VP9); `b` watches `from`. */
function watching(from: string, kinds?: readonly Kind[]): ScriptedRoom {
  const room = ScriptedRoom.mixing().join('a', 'b').stream('a', 's');
  room.run(publishCommand('a', 't', ['video']));
  room.run({ type: 'place-transport', transport: 't', worker: 'w1' });
  const tracks = [reported('t', '0', 'video', { format: { codec: 'vp9' } })];
  room.run({ type: 'report', worker: 'w1', item: { type: 'publication-ready', publication: 't', tracks } });
  return room.subscription('b', 'sub', from, kinds);
}

function negotiated(audio: Format, video: Format, worker = 'w1'): Extract<Command, { type: 'report' }> {
  const tracks = [
    { mid: '0', format: audio },
    { mid: '1', format: video },
  ];
  const item: ReportItem = { type: 'subscription-negotiated', subscription: 'sub', tracks };
  return { type: 'report', worker, item };
}

const update = (video: Extract<Command, { type: 'update-subscription' }>['video']): Command => ({
  type: 'update-subscription',
  actor: { participant: 'b' },
  subscription: 'sub',
  video,
});
const formats = (room: ScriptedRoom) =>
  room.state.subscriptions.get('sub')?.tracks.map(({ format }) => format);
const carriers = (room: ScriptedRoom) =>
  plan(room.state)
    .desired.get('w1')
    ?.transports.flatMap(({ subscriptions }) => subscriptions)
    .flatMap(({ tracks }) => tracks.map(({ from }) => from?.replace(mix, 'mix')));

describe('negotiated formats', () => {
  it('are remembered of a mixed stream, once', () => {
    const room = watching(mix);
    expect(room.events(negotiated(opus, vp9))).toHaveLength(1);
    expect(formats(room)).toEqual([opus, vp9]);
    expect(room.events(negotiated(opus, vp9))).toEqual([]);
  });

  it('are followed when they change', () => {
    const room = watching(mix);
    room.run(negotiated(opus, vp9));
    room.run(negotiated(opus, vp8));
    expect(formats(room)).toEqual([opus, vp8]);
  });

  it('of a forward stream are remembered only where they are not its own', () => {
    const room = watching('s');
    expect(room.events(negotiated(opus, vp8))).toEqual([]);
    room.run(negotiated(opus, vp9));
    expect(formats(room)).toEqual([undefined, vp9]);
    room.run(negotiated(opus, vp8));
    expect(formats(room)).toEqual([undefined, vp8]);
    expect(carriers(room)).toEqual(['s-0', 's-1']);
  });

  it('of selected audio are forgotten: they are whatever the speaker has', () => {
    const room = ScriptedRoom.mixing({ selectActiveAudio: true }).join('b');
    room.subscription('b', 'sub', 'active-audio-0', ['audio']);
    expect(room.events(negotiated(opus, vp8))).toEqual([]);
  });

  it('of the wrong kind, from another worker, or of what is gone mean nothing', () => {
    const room = watching(mix);
    expect(room.events(negotiated(vp8, opus))).toEqual([]);
    expect(room.events(negotiated(opus, vp8, 'w2'))).toEqual([]);
    room.run({ type: 'unsubscribe', actor: 'server', session: 'sub' });
    expect(room.events(negotiated(opus, vp8))).toEqual([]);
  });

  it('that were asked for stand from the beginning', () => {
    const room = ScriptedRoom.mixing().join('b');
    const command = subscribeCommand('b', 'sub', mix, ['video']);
    const tracks = [{ type: 'video' as const, mid: '0', from: mix, format: { codec: 'h264' } }];
    room.run({ ...command, request: { media: { tracks } } });
    expect(formats(room)).toEqual([{ codec: 'h264', profile: 'CB' }]);
  });
});

describe('an update', () => {
  it('turns a mixed subscription to another size at once, in the format it has', () => {
    const room = watching(mix);
    room.run(negotiated(opus, vp9));
    room.run(update({ parameters: { resolution: { width: 320, height: 240 } } }));
    expect(formats(room)).toEqual([opus, vp9]);
    expect(carriers(room)).toEqual(['mix/opus_48000_2', 'mix/vp9_320x240']);
    expect(room.refusal(update({ parameters: { resolution: { width: 321, height: 240 } } }))).toBe(
      'Target video stream does NOT satisfy:Resolution is not acceptable',
    );
  });

  it('before anything is settled settles nothing', () => {
    const room = watching(mix);
    room.run(update({ parameters: { framerate: 15 } }));
    expect(formats(room)).toEqual([undefined, undefined]);
    room.run(negotiated(opus, vp8));
    expect(carriers(room)).toEqual(['mix/opus_48000_2', 'mix/vp8_15fps']);
  });

  it('takes the format along to a stream in another, which is transcoded', () => {
    const room = watching('s');
    room.run(update({ from: 't' }));
    expect(formats(room)).toEqual([undefined, vp8]);
    expect(carriers(room)).toEqual(['s-0', 't-0/vp8']);
    room.run(update({ from: 's' }));
    expect(carriers(room)).toEqual(['s-0', 's-1']);
  });

  it('takes the format along between forward and mixed', () => {
    const room = watching('t', ['video']);
    room.run(update({ from: mix }));
    expect(carriers(room)).toEqual(['mix/vp9']);
    room.run(update({ from: 's' }));
    expect(carriers(room)).toEqual(['s-1/vp9']);
  });

  it('is refused where the room does not transcode', () => {
    const room = ScriptedRoom.mixing({ transcoding: { video: { format: false } } })
      .join('a', 'b')
      .stream('a', 's');
    room.subscription('b', 'sub', mix);
    room.run(negotiated(opus, vp8));
    room.run(publishCommand('a', 't', ['video']));
    room.run({ type: 'place-transport', transport: 't', worker: 'w1' });
    const tracks = [reported('t', '0', 'video', { format: { codec: 'vp9' } })];
    room.run({ type: 'report', worker: 'w1', item: { type: 'publication-ready', publication: 't', tracks } });
    expect(room.refusal(update({ from: 't' }))).toBe(
      'Target video stream does NOT satisfy:Format is not acceptable',
    );
  });
});
