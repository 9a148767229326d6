// Owns the tests of what may be asked of which source (room-model §6.3 step 3), on a cluster that mixes and transcodes.
import { describe, expect, it } from 'vitest';
import type { SubscribeRequest } from '../../schemas/request.ts';
import type { Format } from '../../schemas/worker.ts';
import { ScriptedRoom, publishCommand, reported, roomId } from './scripted-room.ts';

type Wanted = Omit<NonNullable<SubscribeRequest['media']>['tracks'][number], 'mid'>;

/** What a subscription became. */
interface Got {
  readonly stream?: string | undefined;
  readonly track?: string | undefined;
  readonly format?: Format | undefined;
}

const opus = { codec: 'opus', sampleRate: 48000, channelNum: 2 } as const;
const mix = `${roomId}-common`;

/** `plain` has a VP8 track of 640×480, `layers` two simulcast ones, `new` one whose size is not known yet. */
function scene(settings: Readonly<Record<string, unknown>> = {}, mixing = true): ScriptedRoom {
  const room = (mixing ? ScriptedRoom.mixing(settings) : ScriptedRoom.open(settings)).join('a', 'b');
  const size = (width: number) => ({ resolution: { width, height: (width * 3) / 4 } });
  publish(room, 'plain', [reported('plain', '0', 'audio'), reported('plain', '1', 'video', size(640))]);
  publish(room, 'layers', [
    reported('layers', '1', 'video', { rid: 'q', ...size(160) }),
    reported('layers', '1', 'video', { rid: 'f', ...size(640) }),
  ]);
  publish(room, 'new', [
    reported('new', '0', 'audio', { format: { codec: 'isac', sampleRate: 16000 } }),
    reported('new', '1', 'video'),
  ]);
  return room;
}

function publish(room: ScriptedRoom, id: string, tracks: ReturnType<typeof reported>[]): void {
  room.run(publishCommand('a', id));
  room.run({ type: 'place-transport', transport: id, worker: 'w1' });
  const item = { type: 'publication-ready', publication: id, tracks } as const;
  room.run({ type: 'report', worker: 'w1', item });
}

/** What the subscription becomes, or why it does not. */
function ask(room: ScriptedRoom, wanted: Wanted): Got | string {
  const request = { media: { tracks: [{ mid: '0', ...wanted }] } };
  const command = { type: 'subscribe', participant: 'b', session: 'sub', request } as const;
  const refusal = room.refusal(command);
  if (refusal !== undefined) return refusal.replace(`Target ${wanted.type} stream does NOT satisfy:`, '');
  room.run(command);
  const [track] = room.state.subscriptions.get('sub')?.tracks ?? [];
  return { stream: track?.stream, track: track?.track, format: track?.format };
}

const video = (from: string, more: Partial<Wanted> = {}): Wanted => ({ type: 'video', from, ...more });
const audio = (from: string, format?: Wanted['format']): Wanted => ({ type: 'audio', from, format });
const sized = (width: number, height: number) => ({ parameters: { resolution: { width, height } } });

describe('a mixed stream', () => {
  it.each<[string, Wanted, Got | string]>([
    ['picture', video(mix), { stream: mix }],
    ['sound', audio(mix), { stream: mix }],
    [
      'picture in H.264',
      video(mix, { format: { codec: 'h264' } }),
      { stream: mix, format: { codec: 'h264', profile: 'CB' } },
    ],
    ['sound in PCMU', audio(mix, { codec: 'pcmu' }), { stream: mix, format: { codec: 'pcmu' } }],
    ['room-model#23 320×240', video(mix, sized(320, 240)), { stream: mix }],
    ['room-model#23 321×240', video(mix, sized(321, 240)), 'Resolution is not acceptable'],
    ['room-model#23 x0.8', video(mix, { parameters: { bitrate: 'x0.8' } }), { stream: mix }],
    ['room-model#23 x0.5', video(mix, { parameters: { bitrate: 'x0.5' } }), 'Bitrate is not acceptable'],
    ['room-model#23 x1.0', video(mix, { parameters: { bitrate: 'x1.0' } }), { stream: mix }],
    ['a number of kbit/s', video(mix, { parameters: { bitrate: 500 } }), 'Bitrate is not acceptable'],
    [
      'more frames/s than it has',
      video(mix, { parameters: { framerate: 30 } }),
      'Framerate is not acceptable',
    ],
    [
      'a strange interval',
      video(mix, { parameters: { keyFrameInterval: 3 } }),
      'KeyFrameInterval is not acceptable',
    ],
    ['what nobody can make', audio(mix, { codec: 'ilbc' }), 'Format is not acceptable'],
    ['another view', video(`${roomId}-other`), 'Requested video stream'],
  ])('%s', (_case, wanted, expected) => {
    const result = ask(scene(), wanted);
    if (typeof expected === 'string') expect(result).toBe(expected);
    else expect(result).toEqual({ track: undefined, format: undefined, ...expected });
  });

  it('has no picture in a view without one', () => {
    const room = scene({ views: [{ video: false }] });
    expect(ask(room, video(mix))).toBe('Requested video stream');
    expect(ask(room, audio(mix))).toMatchObject({ stream: mix });
  });

  it('is not there where nobody mixes', () => {
    expect(ask(scene({}, false), audio(mix))).toBe('Requested audio stream');
  });
});

describe('a forward stream', () => {
  const plain = { stream: 'plain', track: 'plain-1' };
  it.each<[string, Wanted, Got | string]>([
    ['as it is', video('plain'), plain],
    ['its own format', video('plain', { format: { codec: 'vp8' } }), { ...plain, format: { codec: 'vp8' } }],
    [
      'room-model#24 H.264',
      video('plain', { format: { codec: 'h264' } }),
      { ...plain, format: { codec: 'h264', profile: 'CB' } },
    ],
    ['AV1', video('plain', { format: { codec: 'av1' } }), 'Format is not acceptable'],
    [
      'PCMU',
      audio('plain', { codec: 'pcmu' }),
      { stream: 'plain', track: 'plain-0', format: { codec: 'pcmu' } },
    ],
    ['its own size', video('plain', sized(640, 480)), plain],
    ['a smaller size', video('plain', sized(320, 240)), plain],
    ['a size not offered', video('plain', sized(300, 200)), 'Resolution is not acceptable'],
    ['a larger size', video('plain', sized(1280, 720)), 'Resolution is not acceptable'],
    ['fewer frames/s', video('plain', { parameters: { framerate: 15 } }), plain],
    ['x0.6', video('plain', { parameters: { bitrate: 'x0.6' } }), plain],
    ['x0.7', video('plain', { parameters: { bitrate: 'x0.7' } }), 'Bitrate is not acceptable'],
    ['a key frame every 5 s', video('plain', { parameters: { keyFrameInterval: 5 } }), plain],
    [
      'any size of one whose own is not known',
      video('new', sized(300, 200)),
      { stream: 'new', track: 'new-1' },
    ],
    ['another format of what cannot be decoded', audio('new', opus), 'Format is not acceptable'],
    ['a layer by its track', video('layers-1:f'), { stream: 'layers', track: 'layers-1:f' }],
    ['a layer by its size', video('layers', sized(640, 480)), { stream: 'layers', track: 'layers-1:f' }],
    ['a size without a layer', video('layers', sized(320, 240)), 'Resolution is not acceptable'],
    ['another size of a layer', video('layers-1:f', sized(160, 120)), 'Resolution is not acceptable'],
    ['another format of a layer', video('layers', { format: { codec: 'vp9' } }), 'Format is not acceptable'],
  ])('%s', (_case, wanted, expected) => {
    const result = ask(scene(), wanted);
    if (typeof expected === 'string') expect(result).toBe(expected);
    else expect(result).toEqual({ format: undefined, ...expected });
  });

  it('room-model#24 is not turned into another format where the room forbids it', () => {
    const room = scene({ transcoding: { video: { format: false } } });
    expect(ask(room, video('plain', { format: { codec: 'h264' } }))).toBe('Format is not acceptable');
  });

  it.each([
    ['resolution', sized(320, 240), 'Resolution'],
    ['framerate', { parameters: { framerate: 15 } }, 'Framerate'],
    ['bitrate', { parameters: { bitrate: 'x0.8' } }, 'Bitrate'],
    ['keyFrameInterval', { parameters: { keyFrameInterval: 5 } }, 'KeyFrameInterval'],
  ])('keeps its %s where the room or the cluster does not transcode', (parameter, more, name) => {
    const forbidden = scene({ transcoding: { video: { parameters: { [parameter]: false } } } });
    expect(ask(forbidden, video('plain', more))).toBe(`${name} is not acceptable`);
    expect(ask(scene({}, false), video('plain', more))).toBe(`${name} is not acceptable`);
  });
});

describe('selected audio', () => {
  it('is had as it is, and only by a room that has it', () => {
    const room = scene({ selectActiveAudio: true });
    expect(ask(room, audio('active-audio-2', { codec: 'pcmu' }))).toEqual({
      stream: 'active-audio-2',
      track: undefined,
      format: undefined,
    });
    expect(ask(scene({ selectActiveAudio: true }), audio('active-audio-3'))).toBe('Requested audio stream');
    expect(ask(scene({ selectActiveAudio: true }), video('active-audio-0'))).toBe('Requested video stream');
    expect(ask(scene(), audio('active-audio-0'))).toBe('Requested audio stream');
  });
});
