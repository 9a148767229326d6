import { describe, expect, it } from 'vitest';
import type { ForwardStreamInfo } from '../../../../schemas/stream.ts';
import { tilesOf } from './tiles.ts';

const people = ['me', 'ana', 'bo'].map((id) => ({ id, user: id.toUpperCase(), role: 'presenter' }));

function stream(
  id: string,
  owner: string,
  source: 'camera' | 'screen-cast',
  muted = false,
): ForwardStreamInfo {
  const status = muted ? 'inactive' : 'active';
  return {
    id,
    type: 'forward',
    media: {
      tracks: [
        { type: 'audio', format: { codec: 'opus' }, optional: {}, status },
        { type: 'video', format: { codec: 'vp8' }, optional: {}, status: 'active', source },
      ],
    },
    info: { owner, type: 'webrtc', inViews: [] },
  };
}

const keys = (...streams: readonly ForwardStreamInfo[]) =>
  tilesOf(people, streams, 'me', false).map(({ key }) => key);

describe('tilesOf', () => {
  it('shows everybody else, also who shows nothing', () => {
    const tiles = tilesOf(people, [stream('s1', 'ana', 'camera')], 'me', false);
    expect(tiles.map(({ name, video }) => [name, video])).toEqual([
      ['ANA', 'on'],
      ['BO', 'none'],
    ]);
  });

  it('keeps a tile’s key when its stream was made anew', () => {
    expect(keys(stream('before', 'ana', 'camera'))).toEqual(keys(stream('after', 'ana', 'camera')));
  });

  it('gives a shared screen a tile of its own beside the camera’s', () => {
    expect(keys(stream('s1', 'ana', 'camera'), stream('s2', 'ana', 'screen-cast'))).toEqual([
      'ana camera 0',
      'ana screen 0',
      'bo camera 0',
    ]);
  });

  it('shows our own streams only when asked to', () => {
    const own = [stream('mine', 'me', 'camera')];
    expect(tilesOf(people, own, 'me', false).some(({ participant }) => participant === 'me')).toBe(false);
    expect(tilesOf(people, own, 'me', true).some(({ participant }) => participant === 'me')).toBe(true);
  });

  it('tells a muted microphone from a missing one', () => {
    const [ana, bo] = tilesOf(people, [stream('s1', 'ana', 'camera', true)], 'me', false);
    expect([ana?.audio, bo?.audio]).toEqual(['muted', 'none']);
  });

  it('shows streams that the server brings in', () => {
    expect(keys(stream('rtsp', 'admin', 'camera'))).toContain('rtsp');
  });
});
