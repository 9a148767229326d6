// Owns the tests of the step from room state to desired media.
import { describe, expect, it } from 'vitest';
import { plan } from './plan.ts';
import { ScriptedRoom, publishCommand, roomId, subscribeCommand } from './scripted-room.ts';

describe('plan', () => {
  it('of a room that is not open, or has no transports, wants nothing', () => {
    for (const room of [new ScriptedRoom(), ScriptedRoom.open().join('a')]) {
      expect(plan(room.state)).toEqual({ unplaced: [], mixes: false, desired: new Map() });
    }
  });

  it('names transports that wait for a worker', () => {
    const room = ScriptedRoom.open().join('a');
    room.run(publishCommand('a', 's'));
    expect(plan(room.state).unplaced).toEqual([
      { id: 's', owner: 'a', purpose: 'webrtc', origin: { isp: 'isp', region: 'region' }, phase: 'opening' },
    ]);
    expect(plan(room.state).desired.size).toBe(0);
  });

  it('puts on each worker its transports with their sessions, whole, at the room’s seq', () => {
    const room = ScriptedRoom.open().join('a', 'b').stream('a', 's', ['audio', 'video'], 'w1');
    room.run(subscribeCommand('b', 'sub', 's', ['video']));
    room.run({ type: 'place-transport', transport: 'sub', worker: 'w2' });
    room.run(publishCommand('b', 's2', ['audio'], { id: 'sub', firstMid: 1 }));
    const { unplaced, desired } = plan(room.state);
    const mediaIn = room.state.document?.mediaIn;
    expect(unplaced).toEqual([]);
    expect([...desired.keys()]).toEqual(['w1', 'w2']);
    expect(desired.get('w1')).toEqual({
      room: roomId,
      version: room.state.seq,
      transports: [
        {
          id: 's',
          participant: 'a',
          publications: [
            {
              id: 's',
              tracks: [
                { mid: '0', kind: 'audio', formats: mediaIn?.audio, paused: false },
                { mid: '1', kind: 'video', formats: mediaIn?.video, paused: false },
              ],
            },
          ],
          subscriptions: [],
        },
      ],
      mixers: [],
      links: [{ peer: 'w2', incoming: [], outgoing: [{ track: 's-1', kind: 'video' }] }],
    });
    expect(desired.get('w2')?.links).toEqual([
      { peer: 'w1', incoming: [{ track: 's-1', kind: 'video' }], outgoing: [] },
    ]);
    expect(desired.get('w2')?.transports).toEqual([
      {
        id: 'sub',
        participant: 'b',
        publications: [
          { id: 's2', tracks: [{ mid: '1', kind: 'audio', formats: mediaIn?.audio, paused: false }] },
        ],
        subscriptions: [
          {
            id: 'sub',
            tracks: [
              {
                mid: '0',
                kind: 'video',
                from: 's-1',
                formats: [{ codec: 'vp8' }],
                preference: 'formats',
                paused: false,
              },
            ],
          },
        ],
      },
    ]);
  });

  it('pauses the kind of a publication that is paused, and no other', () => {
    const room = ScriptedRoom.open().join('a').stream('a', 's');
    const pause = { type: 'set-stream-status', actor: 'server', stream: 's', operation: 'pause' } as const;
    room.run({ ...pause, media: 'audio' });
    const tracks = plan(room.state).desired.get('w1')?.transports[0]?.publications[0]?.tracks;
    expect(tracks?.map(({ kind, paused }) => [kind, paused])).toEqual([
      ['audio', true],
      ['video', false],
    ]);
  });

  it('keeps a transport whose sessions ended, until its owner leaves', () => {
    const room = ScriptedRoom.open().join('a').stream('a', 's');
    room.run({ type: 'unpublish', actor: { participant: 'a' }, session: 's' });
    expect(plan(room.state).desired.get('w1')?.transports).toEqual([
      { id: 's', participant: 'a', publications: [], subscriptions: [] },
    ]);
    room.run({ type: 'leave', participant: 'a' });
    expect(plan(room.state).desired.size).toBe(0);
  });
});
