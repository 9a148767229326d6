import { describe, expect, it } from 'vitest';
import type { TrackInfo } from '../../schemas/media.ts';
import type { StreamInfo } from '../../schemas/stream.ts';
import { streamByKind } from './stream-by-kind.ts';

const audio: TrackInfo = {
  id: 't-0',
  type: 'audio',
  mid: '0',
  status: 'active',
  source: 'mic',
  format: { codec: 'opus', sampleRate: 48000, channelNum: 2 },
  optional: { format: [{ codec: 'pcmu' }] },
};
const layer = (rid: string | undefined, mid: string, height: number): TrackInfo => ({
  id: `t-${mid}:${String(rid)}`,
  type: 'video',
  mid,
  ...(rid === undefined ? {} : { rid }),
  status: 'inactive',
  format: { codec: 'vp8' },
  parameters: { resolution: { width: height * 2, height } },
  optional: {},
});
const stream = (...tracks: TrackInfo[]): StreamInfo => ({
  id: 's',
  type: 'forward',
  media: { tracks },
  info: { owner: 'p', type: 'webrtc', inViews: [], attributes: { a: 1 } },
});

describe('streamByKind', () => {
  it('rest-api#23 lists every simulcast layer in v1.1 and shows the first in v1', () => {
    const simulcast = stream(audio, layer('q', '1', 90), layer('h', '1', 180), layer('x', '2', 720));
    const common = { id: 's', type: 'forward', info: simulcast.info };
    const audioMedia = {
      status: 'active',
      source: 'mic',
      format: { codec: 'opus', sampleRate: 48000, channelNum: 2 },
      optional: { format: [{ codec: 'pcmu' }] },
    };
    const first = { format: { codec: 'vp8' }, parameters: { resolution: { width: 180, height: 90 } } };
    const second = { format: { codec: 'vp8' }, parameters: { resolution: { width: 360, height: 180 } } };
    expect(streamByKind(simulcast, 'each')).toEqual({
      ...common,
      media: {
        audio: audioMedia,
        video: {
          status: 'inactive',
          optional: {},
          original: [
            { ...first, simulcastRid: 'q' },
            { ...second, simulcastRid: 'h' },
          ],
        },
      },
    });
    expect(streamByKind(simulcast, 'first')).toEqual({
      ...common,
      media: { audio: audioMedia, video: { status: 'inactive', optional: {}, ...first } },
    });
  });

  it('names no layer where there is no simulcast', () => {
    const { video } = streamByKind(
      stream(layer(undefined, '0', 90), layer(undefined, '1', 180)),
      'each',
    ).media;
    expect(video).toMatchObject({ original: [{ format: { codec: 'vp8' } }] });
    expect(JSON.stringify(video)).not.toContain('simulcastRid');
  });

  it('leaves out the kinds that have no track', () => {
    expect(streamByKind(stream(audio), 'first').media).not.toHaveProperty('video');
    expect(streamByKind(stream(), 'first').media).toEqual({});
  });
});
