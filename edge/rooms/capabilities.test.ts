// Owns the tests of what our engine can make, and what that leaves of a room's settings.
import { describe, expect, it } from 'vitest';
import { decodesAudio, decodesVideo, encodesVideo, makeable } from './capabilities.ts';
import { formatText } from './output-name.ts';
import { ScriptedRoom } from './scripted-room.ts';
import type { Transcoders } from './transcoders.ts';

const all = { audio: true, video: true };

describe('what can be made of a room', () => {
  it('room-model#8.2 is what mediaOut and our engine have in common, in the order of mediaOut', () => {
    const { mediaOut, views } = makeable(ScriptedRoom.document(), all);
    expect(mediaOut.audio.map(formatText)).toEqual(['opus_48000_2', 'g722_16000_1', 'pcma', 'pcmu']);
    expect(mediaOut.video.format.map(formatText)).toEqual(['vp8', 'h264_CB', 'h264_B', 'vp9']);
    expect(views).toEqual(ScriptedRoom.document().views);
  });

  it('leaves alone what nobody mixes or transcodes', () => {
    const document = ScriptedRoom.document();
    expect(makeable(document, { audio: false, video: false })).toEqual(document);
    const { mediaOut } = makeable(document, { audio: true, video: false });
    expect(mediaOut.audio).toHaveLength(4);
    expect(mediaOut.video).toEqual(document.mediaOut.video);
  });

  it('gives a view whose own format cannot be made the first that can', () => {
    const settings = {
      mediaOut: {
        audio: [{ codec: 'ac3' }, { codec: 'pcma' }],
        video: { format: [{ codec: 'h265' }, { codec: 'vp9' }] },
      },
      views: [{ audio: { format: { codec: 'ac3' } }, video: { format: { codec: 'h265' } } }],
    };
    const room = ScriptedRoom.mixing(settings);
    expect(room.state.document?.views).toMatchObject([
      { audio: { format: { codec: 'pcma' }, vad: true }, video: { format: { codec: 'vp9' }, maxInput: 16 } },
    ]);
  });

  it('gives it Opus and VP8 when none can', () => {
    const settings = {
      mediaOut: { audio: [{ codec: 'ac3' }], video: { format: [{ codec: 'h265' }] } },
      views: [{ audio: { format: { codec: 'ac3' } }, video: { format: { codec: 'h265' } } }],
    };
    const { views, mediaOut } = makeable(ScriptedRoom.document(settings), all);
    expect(views).toMatchObject([
      { audio: { format: { codec: 'opus' } }, video: { format: { codec: 'vp8' } } },
    ]);
    expect([mediaOut.audio, mediaOut.video.format]).toEqual([[], []]);
  });

  it('offers and mixes in H.265 where a worker makes it', () => {
    const settings = {
      mediaOut: { video: { format: [{ codec: 'vp8' }, { codec: 'av1' }, { codec: 'h265' }] } },
      views: [{ video: { format: { codec: 'h265' } } }],
    };
    const { views, mediaOut } = makeable(ScriptedRoom.document(settings), { ...all, made: ['h265'] });
    expect(mediaOut.video.format.map(formatText)).toEqual(['vp8', 'h265']);
    expect(views).toMatchObject([{ video: { format: { codec: 'h265' } } }]);
  });

  it('leaves a view without video without it', () => {
    expect(makeable(ScriptedRoom.document({ views: [{ video: false }] }), all).views[0]?.video).toBe(false);
  });
});

describe('our engine', () => {
  it.each([
    ['opus', { codec: 'opus', sampleRate: 48000, channelNum: 2 }, true],
    ['opus of unsaid rate', { codec: 'opus' }, false],
    ['pcmu', { codec: 'pcmu' }, true],
    ['g722 of two channels', { codec: 'g722', sampleRate: 16000, channelNum: 2 }, false],
    ['isac', { codec: 'isac', sampleRate: 32000 }, false],
  ] as const)('takes %s: %s', (_name, format, expected) => {
    expect(decodesAudio(format)).toBe(expected);
  });

  it.each([
    [{ codec: 'vp8' }, true, true],
    [{ codec: 'vp9' }, true, true],
    [{ codec: 'h264' }, true, true],
    [{ codec: 'h264', profile: 'CB' }, true, true],
    [{ codec: 'h264', profile: 'H' }, true, false],
    [{ codec: 'h265' }, false, false],
    [{ codec: 'av1' }, false, false],
  ] as const)('of %j: takes %s, makes %s', (format, takes, makes) => {
    expect([decodesVideo(format, all), encodesVideo(format, all)]).toEqual([takes, makes]);
  });

  it('takes and makes what some workers do besides', () => {
    const some: Transcoders = { ...all, taken: ['av1'], made: ['h265'] };
    const [h265, av1] = [{ codec: 'h265' }, { codec: 'av1' }] as const;
    expect([decodesVideo(h265, some), encodesVideo(h265, some)]).toEqual([false, true]);
    expect([decodesVideo(av1, some), encodesVideo(av1, some)]).toEqual([true, false]);
  });
});
