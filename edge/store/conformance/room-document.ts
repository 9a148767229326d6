// Owns a room document for tests.
import type { RoomDocument } from '../../../schemas/room.ts';

/** A small room document, for tests of what keeps rooms. */
export function roomDocument(name: string): RoomDocument {
  return {
    _id: '',
    name,
    inputLimit: -1,
    participantLimit: -1,
    selectActiveAudio: false,
    enableBandwidthAdaptation: false,
    roles: [
      {
        role: 'presenter',
        publish: { audio: true, video: true },
        subscribe: { audio: true, video: true },
      },
    ],
    views: [],
    mediaIn: { audio: [{ codec: 'opus', sampleRate: 48000, channelNum: 2 }], video: [{ codec: 'vp8' }] },
    mediaOut: {
      audio: [{ codec: 'opus', sampleRate: 48000, channelNum: 2 }],
      video: {
        format: [{ codec: 'vp8' }],
        parameters: { resolution: [], framerate: [], bitrate: [], keyFrameInterval: [] },
      },
    },
    transcoding: {
      audio: false,
      video: {
        format: false,
        parameters: { resolution: false, framerate: false, bitrate: false, keyFrameInterval: false },
      },
    },
    notifying: { participantActivities: true, streamChange: true },
  };
}
