// Owns random commands about sessions of the server itself, for tests.
import type { ServerSessionRequest } from '../../schemas/server-session.ts';
import type { Command } from './command.ts';
import { reported } from './scripted-room.ts';
import { isUp, serverSessions } from './server-session.ts';
import type { RoomState } from './state.ts';
import type { Dice } from './view/scripted-dice.ts';

const kinds = ['streaming-in', 'streaming-out', 'recording', 'analytics', 'sip-call'] as const;

/** Starts one of any kind; `source` names a stream or track. */
export function randomStart(dice: Dice, session: string, source: () => string): Command {
  return { type: 'start-session', session, request: request(dice, source) };
}

function request(dice: Dice, source: () => string): ServerSessionRequest {
  const audio = dice.chance(3) ? false : { from: source() };
  const video = { from: source() };
  const size = { resolution: { width: 320, height: 240 } };
  const sized = dice.chance(3) ? { ...video, parameters: size } : video;
  switch (dice.pick(kinds, 'recording')) {
    case 'streaming-in':
      return {
        kind: 'streaming-in',
        body: {
          connection: {
            url: 'rtsp://h/1',
            transportProtocol: 'tcp',
            bufferSize: 1,
            origin: { isp: '', region: '' },
          },
          media: { audio: dice.pick(['auto', true, false] as const, 'auto'), video: !dice.chance(3) },
        },
      };
    case 'streaming-out':
      return {
        kind: 'streaming-out',
        body: { protocol: 'rtmp', url: 'rtmp://h/1', media: { audio: false, video: sized }, parameters: {} },
      };
    case 'recording':
      return { kind: 'recording', body: { container: 'auto', media: { audio, video: sized } } };
    case 'analytics':
      return { kind: 'analytics', body: { algorithm: 'a', media: { video } } };
    case 'sip-call':
      return {
        kind: 'sip-call',
        body: {
          peerURI: 'sip:peer',
          mediaIn: { audio: true, video: dice.chance(2) },
          mediaOut: { audio: { from: source() }, video: dice.chance(2) ? false : video },
        },
      };
  }
}

/** Of one that is up, mostly. */
export function randomUpdate(dice: Dice, state: RoomState, source: () => string): Command {
  const sessions = serverSessions(state).filter((each) => dice.chance(8) || isUp(each));
  const updatable = sessions.filter(({ kind }) => kind !== 'streaming-in');
  const chosen = dice.pick(updatable, undefined);
  const framerate = dice.pick([6, 12, 15] as const, 6);
  return {
    type: 'update-session',
    session: chosen?.transport.id ?? 'none',
    kind: dice.chance(20) ? 'recording' : (chosen?.kind ?? 'recording'),
    changes: {
      ...(dice.chance(4) ? { audio: { from: source() } } : {}),
      ...(dice.chance(6)
        ? { video: { status: dice.pick(['active', 'inactive'] as const, 'active') } }
        : { video: dice.chance(3) ? { from: source() } : { parameters: { framerate } } }),
    },
  };
}

/** The end of one, wanted or not. */
export function randomEnd(dice: Dice, state: RoomState): Command {
  const chosen = dice.pick(serverSessions(state), undefined);
  const session = chosen?.transport.id ?? 'none';
  if (dice.chance(2)) return { type: 'give-up-session', session, reason: 'late' };
  return { type: 'end-session', session, kind: chosen?.kind ?? 'recording' };
}

/** What one that is not up lacks of that: a worker, or the word of it. */
export function randomProgress(dice: Dice, state: RoomState): Command {
  const coming = serverSessions(state).filter((each) => !isUp(each));
  const { transport, subscription } = dice.pick(coming, undefined) ?? {};
  const { id = 'none', worker = 'w1', phase } = transport ?? {};
  if (transport?.worker === undefined) return { type: 'place-transport', transport: id, worker: 'w1' };
  if (phase === 'opening' && transport.work?.do === 'analyse' && dice.chance(2)) {
    const tracks = [reported(id, 'video-out', 'video'), reported(id, 'video', 'video')];
    return { type: 'report', worker, item: { type: 'augmented', transport: id, tracks } };
  }
  if (phase === 'opening' || subscription === undefined) {
    return { type: 'report', worker, item: { type: 'transport-ready', transport: id } };
  }
  return { type: 'report', worker, item: { type: 'subscription-ready', subscription: subscription.id } };
}

/** The worker of one whose update is under way cannot do it, mostly. */
export function randomFailure(dice: Dice, state: RoomState): Command {
  const updating = [...state.subscriptions.values()].filter(({ restore }) => restore !== undefined);
  const { id = 'none', transport = 'none', revision = 0 } = dice.pick(updating, undefined) ?? {};
  const worker = state.transports.get(transport)?.worker ?? 'w1';
  const type = dice.chance(4) ? 'subscription-ready' : 'subscription-failed';
  return { type: 'report', worker, item: { type, subscription: id, revision, reason: 'unable' } };
}
