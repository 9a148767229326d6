// Owns a room for tests: commands in, notices out, folded at once as one edge alone would. It has no log and no clock.
import type { Kind } from '../../schemas/media.ts';
import type { AddressedNotice, Notice } from '../../schemas/notice.ts';
import type { RoomDocument } from '../../schemas/room.ts';
import type { ReportedTrack } from '../../schemas/worker.ts';
import { newRoomDocument } from '../management/room-document.ts';
import type { Command } from './command.ts';
import { decide } from './decide.ts';
import type { CommandId, LogRecord, RoomEvent } from './event.ts';
import { evolve } from './evolve.ts';
import { notify } from './notify.ts';
import { emptyRoom } from './state.ts';
import type { RoomState } from './state.ts';
import { roomView } from './stream-info.ts';
import { mixedStreamId } from './view/mixed-stream.ts';
import { layoutText } from './view/scripted-view.ts';

const both = { audio: true, video: true };

export const roomId = '65f0c0ffee00000000000001';

export class ScriptedRoom {
  state: RoomState = emptyRoom(roomId);
  readonly records: LogRecord[] = [];

  /** An open room with the default document but for `settings` (what REST would be sent). */
  static open(settings: Readonly<Record<string, unknown>> = {}): ScriptedRoom {
    const room = new ScriptedRoom();
    room.run({ type: 'open', document: ScriptedRoom.document(settings) });
    return room;
  }

  /** The same on a cluster with workers that mix and transcode. */
  static mixing(settings: Readonly<Record<string, unknown>> = {}): ScriptedRoom {
    const room = new ScriptedRoom();
    room.run({ type: 'open', document: ScriptedRoom.document(settings), transcoders: both });
    return room;
  }

  static document(settings: Readonly<Record<string, unknown>> = {}): RoomDocument {
    return newRoomDocument(roomId, { name: 'weekly', options: settings });
  }

  /** The events of an accepted command, already folded. Throws the text of a refusal. */
  events(command: Command, by?: CommandId): readonly RoomEvent[] {
    const decision = decide(this.state, command, 0);
    if (!decision.ok) throw new Error(`refused: ${decision.refusal.message}`);
    for (const event of decision.events) this.#fold(event, by);
    return decision.events;
  }

  /** The notices of an accepted command. */
  run(command: Command, by?: CommandId): readonly AddressedNotice[] {
    const decision = decide(this.state, command, 0);
    if (!decision.ok) throw new Error(`refused: ${decision.refusal.message}`);
    return decision.events.flatMap((event) => this.#fold(event, by));
  }

  /** The text of a refusal; nothing changes. Undefined when the command would be accepted. */
  refusal(command: Command): string | undefined {
    const decision = decide(this.state, command, 0);
    return decision.ok ? undefined : decision.refusal.message;
  }

  join(...participants: readonly string[]): this {
    for (const participant of participants) this.joinAs(participant, 'presenter');
    return this;
  }

  joinAs(participant: string, role: string): readonly AddressedNotice[] {
    return this.run(joinCommand(participant, role));
  }

  /** Publishes on a transport of its own, mids "0" and on, and reports it ready on `worker`. */
  stream(owner: string, id: string, kinds: readonly Kind[] = ['audio', 'video'], worker = 'w1'): this {
    this.run(publishCommand(owner, id, kinds));
    this.run({ type: 'place-transport', transport: id, worker });
    this.run({ type: 'report', worker, item: { type: 'transport-ready', transport: id } });
    this.run(readyCommand(id, kinds, worker));
    return this;
  }

  /** Subscribes to the first tracks of a stream on a transport of its own, and reports it ready. */
  subscription(
    owner: string,
    id: string,
    from: string,
    kinds: readonly Kind[] = ['audio', 'video'],
    worker = 'w1',
  ): this {
    this.run(subscribeCommand(owner, id, from, kinds));
    this.run({ type: 'place-transport', transport: id, worker });
    this.run({ type: 'report', worker, item: { type: 'subscription-ready', subscription: id } });
    return this;
  }

  /** Mixes the streams into the views, by the server. */
  mix(streams: readonly string[], views: readonly string[] = ['common']): this {
    for (const stream of streams) {
      for (const view of views) this.run({ type: 'mix', actor: 'server', stream, view });
    }
    return this;
  }

  /** As `layoutText`. */
  layout(label = 'common'): string {
    const info = roomView(this.state).streams.find(({ id }) => id === mixedStreamId(roomId, label));
    if (info?.type !== 'mixed') throw new Error('no such view');
    return layoutText(info.info.layout);
  }

  #fold(event: RoomEvent, by: CommandId | undefined): readonly AddressedNotice[] {
    const record: LogRecord = { at: 0, edge: 'e1', event, ...(by === undefined ? {} : { by }) };
    const before = this.state;
    this.records.push(record);
    this.state = evolve(before, record, before.seq + 1);
    return notify(before, event, this.state);
  }
}

export function joinCommand(participant: string, role = 'presenter'): Extract<Command, { type: 'join' }> {
  const origin = { isp: 'isp', region: 'region' };
  return { type: 'join', participant, user: `user of ${participant}`, role, origin, edge: 'e1' };
}

export function publishCommand(
  participant: string,
  session: string,
  kinds: readonly Kind[] = ['audio', 'video'],
  transport?: { readonly id: string; readonly firstMid: number },
): Extract<Command, { type: 'publish' }> {
  const tracks = kinds.map((type, index) => ({
    type,
    mid: String((transport?.firstMid ?? 0) + index),
    source: type === 'audio' ? ('mic' as const) : ('camera' as const),
  }));
  const named = transport === undefined ? {} : { id: transport.id };
  return {
    type: 'publish',
    participant,
    session,
    request: { media: { tracks }, transport: { type: 'webrtc', ...named } },
  };
}

export function subscribeCommand(
  participant: string,
  session: string,
  from: string,
  kinds: readonly Kind[] = ['audio', 'video'],
  transport?: { readonly id: string; readonly firstMid: number },
): Extract<Command, { type: 'subscribe' }> {
  const tracks = kinds.map((type, index) => ({
    type,
    mid: String((transport?.firstMid ?? 0) + index),
    from,
  }));
  const named = transport === undefined ? {} : { transport: { id: transport.id } };
  return { type: 'subscribe', participant, session, request: { media: { tracks }, ...named } };
}

export function readyCommand(
  publication: string,
  kinds: readonly Kind[] = ['audio', 'video'],
  worker = 'w1',
): Extract<Command, { type: 'report' }> {
  const tracks = kinds.map((kind, index) => reported(publication, String(index), kind));
  return { type: 'report', worker, item: { type: 'publication-ready', publication, tracks } };
}

/** A track as a worker reports it: opus, or VP8 of unknown size. */
export function reported(
  transport: string,
  mid: string,
  kind: Kind,
  more: Partial<ReportedTrack> = {},
): ReportedTrack {
  const format =
    kind === 'audio'
      ? { codec: 'opus' as const, sampleRate: 48000, channelNum: 2 }
      : { codec: 'vp8' as const };
  const layer = more.rid === undefined ? '' : `:${more.rid}`;
  return { id: `${transport}-${mid}${layer}`, kind, mid, format, ...more };
}

/** The notices that a participant is sent, in order. */
export function toldTo(participant: string, notices: readonly AddressedNotice[]): readonly Notice[] {
  return notices
    .filter(({ audience }) => {
      if (audience.to === 'all') return true;
      return (audience.participant === participant) === (audience.to === 'one');
    })
    .map(({ notice }) => notice);
}
