// Owns the tests of what our engine can make, and what that leaves of a room's settings.
import { describe, expect, it } from 'vitest';
import { decodesAudio, decodesVideo, encodesVideo, makeable } from './capabilities.ts';
import { formatText } from './output-name.ts';
import { ScriptedRoom } from './scripted-room.ts';

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
    expect([decodesVideo(format), encodesVideo(format)]).toEqual([takes, makes]);
  });
});
