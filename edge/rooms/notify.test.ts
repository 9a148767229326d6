// Owns the tests of the notifying flags and of the events nobody is told of. What each command tells whom is tested
// beside its rules.
import { describe, expect, it } from 'vitest';
import type { RoomEvent } from './event.ts';
import { evolve } from './evolve.ts';
import { notify } from './notify.ts';
import { ScriptedRoom, publishCommand, readyCommand, reported, roomId } from './scripted-room.ts';
import { roomView } from './stream-info.ts';

/** The types of all notices of a little life in a room: join, publish, change, mix, speak, mute, subscribe, leave. */
function lifeIn(settings: Readonly<Record<string, unknown>>): {
  readonly types: ReadonlySet<string>;
  readonly room: ScriptedRoom;
} {
  const room = ScriptedRoom.mixing({ ...settings, selectActiveAudio: true });
  const notices = [...room.joinAs('a', 'presenter'), ...room.joinAs('b', 'presenter')];
  room.run(publishCommand('a', 's', ['video']));
  room.run({ type: 'place-transport', transport: 's', worker: 'w1' });
  notices.push(...room.run(readyCommand('s', ['video'])));
  const tracks = [reported('s', '0', 'video', { resolution: { width: 320, height: 240 } })];
  const item = { type: 'publication-changed' as const, publication: 's', tracks };
  notices.push(...room.run({ type: 'report', worker: 'w1', item }));
  room.run({ type: 'place-mixing', worker: 'w1' });
  notices.push(...room.run({ type: 'mix', actor: 'server', stream: 's', view: 'common' }));
  const [mixer, heard] = [`${roomId}-common/audio`, { type: 'report', worker: 'w1' } as const];
  notices.push(...room.run({ ...heard, item: { type: 'speaker', mixer, stream: 's' } }));
  const inputs = [{ stream: 's', volume: 'major' as const }];
  notices.push(...room.run({ ...heard, item: { type: 'selected', mixer, inputs } }));
  const mute = { type: 'set-stream-status', actor: 'server', stream: 's', operation: 'pause' } as const;
  notices.push(...room.run({ ...mute, media: 'video' }));
  room.stream('a', 'left').subscription('b', 'sub', 's', ['video']);
  notices.push(...room.run({ type: 'unpublish', actor: 'server', session: 's' }));
  notices.push(...room.run({ type: 'text', from: 'a', to: 'all', message: 'bye' }));
  notices.push(...room.run({ type: 'drop', participant: 'b', reason: 'enough' }));
  return { types: new Set(notices.map(({ notice }) => notice.type)), room };
}

const always = ['session-ready', 'session-ended', 'text', 'dropped'];
const aboutStreams = ['stream-added', 'stream-updated', 'stream-removed'];
const aboutParticipants = ['participant-joined', 'participant-left'];

describe('notifying', () => {
  it.each([
    {
      participantActivities: true,
      streamChange: true,
      told: [...always, ...aboutStreams, ...aboutParticipants],
    },
    { participantActivities: false, streamChange: true, told: [...always, ...aboutStreams] },
    { participantActivities: true, streamChange: false, told: [...always, ...aboutParticipants] },
    { participantActivities: false, streamChange: false, told: always },
  ])(
    'room-model#27 participantActivities $participantActivities, streamChange $streamChange; lists stay right',
    ({ told, ...notifying }) => {
      const { types, room } = lifeIn({ notifying });
      expect([...types].sort()).toEqual([...told].sort());
      expect(roomView(room.state)).toMatchObject({
        participants: [{ id: 'a' }],
        streams: [
          { id: `${roomId}-common`, info: { activeInput: 'unknown', layout: [{ region: { id: '1' } }] } },
          { id: 'active-audio-0' },
          { id: 'active-audio-1' },
          { id: 'active-audio-2' },
          { id: 'left' },
        ],
      });
    },
  );
});

describe('events about what is not there', () => {
  const events: readonly RoomEvent[] = [
    { type: 'participant-attached', participant: 'x', edge: 'e' },
    {
      type: 'permission-changed',
      participant: 'x',
      permission: { publish: { audio: true, video: true }, subscribe: { audio: true, video: true } },
    },
    { type: 'transport-placed', transport: 'x', worker: 'w' },
    { type: 'transport-ready', transport: 'x' },
    { type: 'transport-closed', transport: 'x', reason: 'r' },
    { type: 'publication-ready', stream: 'x', tracks: [] },
    { type: 'publication-changed', stream: 'x', tracks: [] },
    { type: 'publication-ended', stream: 'x', reason: 'r' },
    { type: 'stream-status-changed', stream: 'x', kind: 'audio', status: 'inactive' },
    { type: 'stream-mixed', stream: 'x', view: 'common' },
    { type: 'stream-mixed', stream: 's', view: 'x' },
    { type: 'stream-unmixed', stream: 's', view: 'common' },
    { type: 'region-set', stream: 's', view: 'common', region: '1' },
    { type: 'region-set', stream: 's', view: 'x', region: '1' },
    { type: 'layout-set', view: 'x', layout: [] },
    { type: 'speaker-heard', view: 'common', stream: 's' },
    { type: 'speaker-heard', view: 'x', stream: 's' },
    { type: 'mixing-displaced' },
    { type: 'subscription-ready', subscription: 'x' },
    { type: 'subscription-changed', subscription: 'x', tracks: [] },
    { type: 'subscription-ended', subscription: 'x', reason: 'r' },
  ];
  it.each(events)('$type changes only seq and is told to nobody', (event) => {
    const { state } = ScriptedRoom.mixing().join('a').stream('a', 's');
    const after = evolve(state, { at: 0, edge: 'e', event }, state.seq + 1);
    expect(after).toEqual({ ...state, seq: state.seq + 1 });
    expect(notify(state, event, after)).toEqual([]);
  });
});
