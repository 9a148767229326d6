// Owns the values a room gets when its creator says nothing (spec room-model §1–§3).
import type { AudioFormat, VideoFormat } from './media.ts';
import type { Role } from './room.ts';

const opus: AudioFormat = { codec: 'opus', sampleRate: 48000, channelNum: 2 };
const speech: readonly AudioFormat[] = [
  opus,
  { codec: 'isac', sampleRate: 16000 },
  { codec: 'isac', sampleRate: 32000 },
  { codec: 'g722', sampleRate: 16000, channelNum: 1 },
  { codec: 'pcma' },
  { codec: 'pcmu' },
];
const others: readonly AudioFormat[] = [{ codec: 'ac3' }, { codec: 'nellymoser' }, { codec: 'ilbc' }];
const vp8: VideoFormat = { codec: 'vp8' };

function role(name: string, publishes: string, subscribes: string): Role {
  const rights = (kinds: string) => ({ audio: kinds.includes('a'), video: kinds.includes('v') });
  return { role: name, publish: rights(publishes), subscribe: rights(subscribes) };
}

/** Lists stand in order of preference. */
export const roomDefaults = {
  unlimited: -1,
  roles: [
    role('presenter', 'av', 'av'),
    role('viewer', '', 'av'),
    role('audio_only_presenter', 'a', 'a'),
    role('video_only_viewer', '', 'v'),
    role('sip', 'av', 'av'),
  ],
  audioIn: [...speech, { codec: 'aac' }, ...others] satisfies AudioFormat[],
  audioOut: [
    ...speech,
    { codec: 'aac', sampleRate: 48000, channelNum: 2 },
    ...others,
  ] satisfies AudioFormat[],
  videoIn: [{ codec: 'h264' }, vp8, { codec: 'vp9' }] satisfies VideoFormat[],
  videoOut: [
    vp8,
    { codec: 'h264', profile: 'CB' },
    { codec: 'h264', profile: 'B' },
    { codec: 'vp9' },
  ] satisfies VideoFormat[],
  resolution: ['x3/4', 'x2/3', 'x1/2', 'x1/3', 'x1/4', 'hd1080p', 'hd720p', 'svga', 'vga', 'qvga', 'cif'],
  framerate: [6, 12, 15, 24, 30, 48, 60],
  bitrate: ['x0.8', 'x0.6', 'x0.4', 'x0.2'],
  keyFrameInterval: [100, 30, 5, 2, 1],
  view: {
    label: 'common',
    audioFormat: opus,
    videoFormat: vp8,
    width: 640,
    height: 480,
    framerate: 24,
    keyFrameInterval: 100,
    maxInput: 16,
    motionFactor: 0.8,
  },
};
