// Owns random room commands for tests: mostly sensible ones about what is there, from seeded dice.
import type { Kind } from '../../schemas/media.ts';
import type { ReportItem } from '../../schemas/worker.ts';
import type { Actor, Command } from './command.ts';
import { mixerId } from './output-name.ts';
import { randomEnd, randomFailure, randomProgress, randomStart, randomUpdate } from './scripted-sessions.ts';
import { ScriptedRoom, joinCommand, reported, roomId } from './scripted-room.ts';
import type { RoomState, Stream, Subscription } from './state.ts';
import type { Transcoders } from './transcoders.ts';
import { mixedStreamId } from './view/mixed-stream.ts';
import type { Dice } from './view/scripted-dice.ts';
import { columns } from './view/scripted-view.ts';

export const participantLimit = 4;
export const inputLimit = 5;
export const transcoders = { audio: true, video: true };
const workers = ['w1', 'w2'];
const roles = ['presenter', 'presenter', 'viewer', 'audio_only_presenter', 'nobody'];
const sip = { sipServer: 's', username: 'u', password: 'p' };

/** A view of every sort: one that is soon full, one that is not, one that only sounds. */
const views = [
  { label: 'few', video: { maxInput: 2, keepActiveInputPrimary: true } },
  { label: 'many', video: { layout: { templates: { base: 'lecture' } } } },
  { label: 'sound', video: false },
];
const labels = views.map(({ label }) => label);

export const document = ScriptedRoom.document({
  participantLimit,
  inputLimit,
  views,
  selectActiveAudio: true,
  sip,
});

export class RandomCommands {
  readonly #dice: Dice;
  #sessions = 0;

  constructor(dice: Dice) {
    this.#dice = dice;
  }

  /** One in fifteen takes something away; else the room would stay empty. */
  command(state: RoomState): Command {
    const inside = [...state.participants.keys()];
    const participant = this.#dice.chance(5) ? `p${this.#dice.below(6)}` : this.#dice.pick(inside, 'p1');
    if (state.document === undefined && !this.#dice.chance(4)) {
      return {
        type: 'open',
        document,
        transcoders: this.#dice.chance(4) ? this.#transcoders() : transcoders,
      };
    }
    return this.#dice.chance(15) ? this.#loss(state, participant) : this.#gain(state, participant);
  }

  #loss(state: RoomState, participant: string): Command {
    const dice = this.#dice;
    const stream = dice.pick([...state.streams.values()], undefined);
    const subscription = dice.pick([...state.subscriptions.values()], undefined);
    const edge = `e${dice.below(2)}`;
    const transport = this.#transport(state);
    const choices: readonly Command[] = [
      { type: 'unpublish', actor: this.#actor(stream), session: stream?.id ?? 'none' },
      { type: 'unpublish', actor: this.#actor(stream), session: stream?.id ?? 'none' },
      { type: 'unsubscribe', actor: this.#actor(subscription), session: subscription?.id ?? 'none' },
      { type: 'unsubscribe', actor: this.#actor(subscription), session: subscription?.id ?? 'none' },
      randomEnd(dice, state),
      randomEnd(dice, state),
      { type: 'leave', participant },
      { type: 'expire', participant, edge },
      { type: 'drop', participant, reason: 'dropped' },
      { type: 'transport-unplaceable', transport, reason: 'full' },
      { type: 'mixing-unplaceable', reason: 'none' },
      { type: 'worker-lost', worker: dice.pick(workers, 'w1'), reason: 'killed' },
      { type: 'close-if-idle' },
      { type: 'reschedule', ...(dice.chance(2) && { schedule: { opensAt: -1 - dice.below(3) } }) },
      dice.chance(4) ? { type: 'close', reason: 'closed' } : { type: 'close-if-idle' },
      { type: 'patch-participant', participant, patch: [this.#patch()] },
    ];
    return dice.pick(choices, { type: 'close-if-idle' });
  }

  #patch() {
    const path = this.#dice.pick(
      ['/permission/subscribe/video', '/permission/publish/audio'] as const,
      '/permission/publish/audio',
    );
    return { op: 'replace' as const, path, value: !this.#dice.chance(3) };
  }

  #gain(state: RoomState, participant: string): Command {
    const dice = this.#dice;
    const stream = dice.pick([...state.streams.keys()], 'no-stream');
    const subscription = dice.pick([...state.subscriptions.keys()], 'no-subscription');
    const media = dice.pick(['audio', 'video', 'av'] as const, 'av');
    const operation = dice.pick(['pause', 'play'] as const, 'play');
    const transport = this.#transport(state);
    const choices: readonly (() => Command)[] = [
      () => joinCommand(participant, dice.pick(roles, 'presenter')),
      () => joinCommand(`p${dice.below(6)}`),
      () => ({ type: 'learn-transcoders', transcoders: this.#transcoders() }),
      () => ({ type: 'attach', participant, edge: `e${dice.below(2)}` }),
      () => ({ type: 'text', from: participant, to: dice.pick(['all', 'p1'], 'all'), message: 'hi' }),
      () => this.#publish(state, participant),
      () => this.#publish(state, participant),
      () => this.#subscribe(state, participant),
      () => this.#subscribe(state, participant),
      () => this.#subscribe(state, participant),
      () => randomStart(dice, this.#session(), () => this.#source(state)),
      () => randomStart(dice, this.#session(), () => this.#source(state)),
      () => randomUpdate(dice, state, () => this.#source(state)),
      () => randomUpdate(dice, state, () => this.#source(state)),
      () => randomProgress(dice, state),
      () => randomProgress(dice, state),
      () => randomFailure(dice, state),
      () => ({ type: 'set-stream-status', actor: 'server', stream, operation, media }),
      () => ({ type: 'set-subscription-status', actor: 'server', subscription, operation, media }),
      () => ({
        type: 'update-subscription',
        actor: 'server',
        subscription,
        video: { from: this.#source(state) },
      }),
      () => ({ type: 'place-transport', transport, worker: dice.pick(workers, 'w1') }),
      () => ({ type: 'place-transport', transport, worker: dice.pick(workers, 'w1') }),
      () => ({ type: 'place-mixing', worker: dice.pick(workers, 'w1') }),
      () => this.#mix(state),
      () => this.#mix(state),
      () => this.#mix(state),
      () => this.#arrange(state),
      () => this.#arrange(state),
      () => this.#heard(state),
      () => this.#heard(state),
      () => this.#report(state),
      () => this.#report(state),
      () => this.#report(state),
      () => this.#report(state),
      () => this.#report(state),
      () => this.#report(state),
      () => this.#report(state),
    ];
    return dice.pick(choices, () => ({ type: 'close-if-idle' }))();
  }

  #transcoders(): Transcoders {
    const made = this.#dice.chance(2) ? ({ made: ['h265'], taken: ['h265'] } as const) : {};
    const unmade = this.#dice.chance(4) ? ({ unmade: ['vp8'] } as const) : {};
    return { audio: !this.#dice.chance(3), video: !this.#dice.chance(3), ...made, ...unmade };
  }

  /** One in four is taken out. */
  #mix(state: RoomState): Command {
    const dice = this.#dice;
    const stream = dice.pick([...state.streams.values()], undefined);
    return {
      type: dice.chance(4) ? 'unmix' : 'mix',
      actor: this.#actor(stream),
      stream: stream?.id ?? 'no-stream',
      view: this.#view(),
    };
  }

  #view(): string {
    return this.#dice.chance(20) ? 'no-view' : this.#dice.pick(labels, 'few');
  }

  /** A stream that is mixed, mostly, and a view it is in. */
  #mixed(state: RoomState): { readonly stream: Stream | undefined; readonly view: string } {
    const dice = this.#dice;
    const mixed = [...state.streams.values()].filter(({ inViews }) => inViews.length > 0);
    const stream = dice.pick(dice.chance(8) ? [...state.streams.values()] : mixed, undefined);
    return { stream, view: dice.chance(8) ? this.#view() : dice.pick(stream?.inViews ?? [], 'few') };
  }

  #arrange(state: RoomState): Command {
    const dice = this.#dice;
    const { stream, view } = this.#mixed(state);
    if (dice.chance(4)) {
      const regions = 'abcd'.slice(0, 1 + dice.below(4));
      const named = stream === undefined || dice.chance(3) ? [] : [stream.id];
      const layout = columns(regions, named);
      return { type: 'set-layout', actor: 'server', stream: mixedStreamId(roomId, view), layout };
    }
    const region = dice.pick(['1', '2', '3', 'a', 'b', 'x'], '1');
    return { type: 'set-region', actor: this.#actor(stream), stream: stream?.id ?? 'none', view, region };
  }

  #heard(state: RoomState): Command {
    const dice = this.#dice;
    const worker = dice.chance(10) ? 'w2' : (state.mixing?.worker ?? 'w1');
    if (dice.chance(2)) {
      const { stream, view } = this.#mixed(state);
      const mixer = mixerId(mixedStreamId(roomId, view), 'audio');
      return { type: 'report', worker, item: { type: 'speaker', mixer, stream: stream?.id ?? 'none' } };
    }
    const inputs = Array.from({ length: dice.below(4) }, () => ({
      ...(dice.chance(4) ? {} : { stream: dice.pick([...state.streams.keys()], 'no-stream') }),
      volume: dice.pick(['major', 'minor'] as const, 'minor'),
    }));
    return { type: 'report', worker, item: { type: 'selected', mixer: 'selector', inputs } };
  }

  #actor(session: { readonly owner: string } | undefined): Actor {
    if (this.#dice.chance(4)) return 'server';
    return { participant: this.#dice.chance(4) ? 'p0' : (session?.owner ?? 'p0') };
  }

  #session(): string {
    if (!this.#dice.chance(12)) this.#sessions += 1;
    return `s${this.#sessions}`;
  }

  #transport(state: RoomState): string {
    return this.#dice.pick([...state.transports.keys()], 'no-transport');
  }

  #source(state: RoomState): string {
    const streams = [...state.streams.values()];
    const tracks = streams.flatMap((each) => each.tracks.map(({ id }) => id));
    const own = ['active-audio-0', ...labels.map((label) => mixedStreamId(roomId, label))];
    return this.#dice.pick([...streams.map(({ id }) => id), ...tracks, ...own], 'no-source');
  }

  /** A transport of the participant's own, mostly, and mids that are sometimes taken. */
  #place(state: RoomState, owner: string): { transport?: { id: string }; mid: () => string } {
    const own = [...state.transports.values()].filter((each) => each.owner === owner);
    const some = this.#dice.chance(10) ? [...state.transports.values()] : own;
    const id = this.#dice.chance(2) ? undefined : this.#dice.pick(some, undefined)?.id;
    let next = this.#dice.below(40);
    const mid = () => String(next++);
    return id === undefined ? { mid } : { transport: { id }, mid };
  }

  #kinds(): readonly Kind[] {
    const choices: readonly (readonly Kind[])[] = [
      ['audio'],
      ['video'],
      ['audio', 'video'],
      ['video', 'video'],
    ];
    return this.#dice.pick(choices, ['audio']);
  }

  #publish(state: RoomState, participant: string): Command {
    const { mid, transport } = this.#place(state, participant);
    const tracks = this.#kinds().map((type) => ({ type, mid: mid() }));
    const request = { media: { tracks }, ...(transport === undefined ? {} : { transport }) };
    return { type: 'publish', participant, session: this.#session(), request };
  }

  #subscribe(state: RoomState, participant: string): Command {
    const { mid, transport } = this.#place(state, participant);
    const from = this.#source(state);
    const tracks = this.#kinds().map((type) => ({
      type,
      mid: mid(),
      from: this.#dice.chance(3) ? this.#source(state) : from,
    }));
    const request = { media: { tracks }, ...(transport === undefined ? {} : { transport }) };
    return { type: 'subscribe', participant, session: this.#session(), request };
  }

  /** Mostly good news, of what is there, from the right worker. */
  #report(state: RoomState): Command {
    const dice = this.#dice;
    const reason = 'failed';
    const stream = dice.pick([...state.streams.values()], undefined);
    const publication = stream?.id ?? 'none';
    const subscription = dice.pick([...state.subscriptions.values()], undefined);
    const heard = subscription?.id ?? 'none';
    const revision = dice.chance(8) ? 1 : subscription?.revision;
    const about = { subscription: heard, ...(revision === undefined ? {} : { revision }) };
    const transport = this.#transport(state);
    const good: readonly [ReportItem, string | undefined][] = [
      [{ type: 'transport-ready', transport }, transport],
      [{ type: 'publication-ready', publication, tracks: this.#tracks(stream) }, stream?.transport],
      [{ type: 'publication-ready', publication, tracks: this.#tracks(stream) }, stream?.transport],
      [{ type: 'publication-changed', publication, tracks: this.#tracks(stream) }, stream?.transport],
      [{ type: 'subscription-ready', ...about }, subscription?.transport],
      [
        { type: 'subscription-negotiated', subscription: heard, tracks: this.#negotiated(subscription) },
        subscription?.transport,
      ],
    ];
    const bad: readonly [ReportItem, string | undefined][] = [
      [{ type: 'transport-failed', transport, reason }, transport],
      [{ type: 'publication-failed', publication, reason }, stream?.transport],
      [{ type: 'subscription-failed', ...about, reason }, subscription?.transport],
    ];
    const ready: ReportItem = { type: 'transport-ready', transport };
    const [item, on] = dice.pick(dice.chance(20) ? bad : good, [ready, transport]);
    const worker = state.transports.get(on ?? '')?.worker ?? 'w1';
    return { type: 'report', worker: dice.chance(10) ? 'w2' : worker, item };
  }

  #negotiated(subscription: Subscription | undefined) {
    return (subscription?.tracks ?? []).map(({ mid, kind }) => ({
      mid,
      format:
        kind === 'audio'
          ? { codec: this.#dice.pick(['pcmu', 'pcma'] as const, 'pcmu') }
          : { codec: this.#dice.pick(['vp8', 'vp9'] as const, 'vp8') },
    }));
  }

  #tracks(stream: Stream | undefined) {
    const dice = this.#dice;
    return (stream?.requested ?? []).flatMap(({ mid, kind }) => {
      if (dice.chance(20)) return [];
      const transport = stream?.transport ?? '';
      const format = dice.chance(40) ? { format: { codec: 'av1' as const } } : {};
      if (kind === 'audio' || dice.chance(2)) return [reported(transport, mid, kind, format)];
      const layers = ['q', 'h', 'f'].slice(0, 1 + dice.below(3));
      return layers.map((rid) => {
        const resolution = { width: 160 * (1 + dice.below(4)), height: 120 };
        return reported(transport, mid, kind, dice.chance(2) ? { rid } : { rid, resolution });
      });
    });
  }
}
