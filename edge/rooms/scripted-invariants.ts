// Owns what must hold of every room, for tests: each check throws the name of what does not.
import { isDeepStrictEqual } from 'node:util';
import { plan } from './plan.ts';
import { inputLimit, participantLimit } from './scripted-commands.ts';
import { roomId } from './scripted-room.ts';
import { emptyRoom } from './state.ts';
import type { RoomState } from './state.ts';
import { serverSessions } from './server-session.ts';
import { internalParticipant, roomView } from './stream-info.ts';
import { nobody } from './view/active-speaker.ts';
import { streamInputs } from './view/stream-inputs.ts';
import { capacity, viewRules } from './view/view-inputs.ts';
import { videoSetting } from './view/view-setting.ts';

export function holds(truth: boolean, what: string): void {
  if (!truth) throw new Error(`not so: ${what}`);
}

/** Things that are true of every state. Throws what is not. */
export function checkState(state: RoomState): void {
  const sessions = [...state.streams.values(), ...state.subscriptions.values()];
  holds(new Set(sessions.map(({ id }) => id)).size === sessions.length, 'session ids are unique');
  for (const { owner, work } of state.transports.values()) {
    holds(
      state.participants.has(owner) || (work !== undefined && owner === internalParticipant),
      'a transport has its owner',
    );
  }
  checkSessions(state);
  const mids = new Map<string, Set<string>>();
  for (const session of sessions) {
    const transport = state.transports.get(session.transport);
    holds(transport?.owner === session.owner, 'a session is on a transport of its owner');
    const used = mids.get(session.transport) ?? new Set();
    mids.set(session.transport, used);
    for (const { mid } of 'requested' in session ? session.requested : session.tracks) {
      holds(!used.has(mid), 'a mid is used once');
      used.add(mid);
    }
  }
  for (const { phase, tracks } of state.streams.values()) {
    holds(tracks.length > 0 === (phase === 'ready'), 'a stream has tracks when it is ready');
    for (const kind of ['audio', 'video'] as const) {
      const statuses = tracks.filter((track) => track.kind === kind).map(({ status }) => status);
      holds(new Set(statuses).size <= 1, 'a kind has one status');
    }
  }
  const sources = new Map(roomView(state).streams.map((each) => [each.id, each]));
  for (const { tracks } of state.subscriptions.values()) {
    for (const { stream, track, kind } of tracks) {
      const source = sources.get(stream)?.media.tracks.find(({ id, type }) => id === track && type === kind);
      holds(source !== undefined, 'a subscription has its sources');
    }
  }
  holds(state.participants.size <= participantLimit, 'participantLimit');
  const inputs = [...state.streams.values()].filter(({ type }) => type !== 'analytics');
  holds(inputs.length <= inputLimit, 'inputLimit');
  if (state.document === undefined) {
    holds(isDeepStrictEqual(state, { ...emptyRoom(roomId), seq: state.seq }), 'a closed room is empty');
  }
}

/** What the server itself does has all its parts, and nothing is left of what it does not. Throws what is not so. */
function checkSessions(state: RoomState): void {
  for (const { transport, work, stream, subscription } of serverSessions(state)) {
    const publishes = work.do === 'pull' || work.do === 'call';
    holds((publishes ? stream : subscription)?.transport === transport.id, 'work has its session');
    holds(publishes === (stream !== undefined), 'only who takes in publishes');
    if (work.do !== 'call') continue;
    holds(state.participants.has(transport.id), 'a call has its peer');
  }
  for (const { id, edge } of state.participants.values()) {
    holds(edge !== '' || state.transports.has(id), 'a peer has its call');
  }
  for (const { revision = 0, restore, phase } of state.subscriptions.values()) {
    holds(restore === undefined || (revision > 0 && phase === 'ready'), 'what is replaced was there');
  }
}

/** The mixed views and the published streams say the same. Throws what is not so. */
export function checkViews(state: RoomState): void {
  const { document, streams, views } = state;
  for (const { inViews, phase } of streams.values()) {
    holds(
      inViews.every((label) => views.has(label)),
      'a stream is in views that are there',
    );
    holds(new Set(inViews).size === inViews.length, 'a stream is in a view once');
    holds(inViews.length === 0 || phase === 'ready', 'a mixed stream is ready');
  }
  for (const { label, inputs, activeInput } of views.values()) {
    const mixed = [...streams.values()].filter(({ inViews }) => inViews.includes(label));
    holds(
      activeInput === nobody || mixed.some(({ id }) => id === activeInput),
      'who is active is in the view',
    );
    const video = videoSetting(document, label);
    const { shown, pending } = inputs;
    const there = [...shown, ...pending].map(({ id, stream }) => `${stream} ${id}`);
    const due = video === undefined ? [] : mixed.flatMap(streamInputs);
    holds(
      same(
        there,
        due.map(({ id, stream }) => `${stream} ${id}`),
      ),
      'all mixed video is an input once',
    );
    if (video === undefined) continue;
    const room = capacity(viewRules(video), inputs);
    holds(shown.length <= room, 'no more are shown than can be');
    holds(pending.length === 0 || shown.length === room, 'one waits only while all slots are taken');
    const slots = shown.map(({ slot }) => slot);
    holds(new Set(slots).size === slots.length, 'a slot is taken once');
    holds(
      slots.every((slot) => slot < video.maxInput),
      'slots are numbered below maxInput',
    );
  }
  for (const { stream } of state.selected) {
    holds(stream === undefined || streams.get(stream)?.phase === 'ready', 'what is selected is there');
  }
}

/** Every transport is planned once, with all its sessions. Throws what is not so. */
export function checkPlan(state: RoomState): void {
  const { unplaced, desired } = plan(state);
  const documents = [...desired.values()];
  const planned = documents.flatMap(({ transports }) => transports);
  const ids = [...unplaced, ...planned].map(({ id }) => id);
  holds(same(ids, [...state.transports.keys()]), 'each transport is planned once');
  for (const { version, transports, mixers } of documents) {
    holds(version === state.seq, 'a document is of now');
    holds(transports.length + mixers.length > 0, 'a document is not empty');
  }
  const on = (sessions: Iterable<{ readonly id: string; readonly transport: string }>, transport: string) =>
    [...sessions].filter((each) => each.transport === transport).map(({ id }) => id);
  for (const { id, publications, subscriptions } of planned) {
    const published = publications.map((each) => each.id);
    const subscribed = subscriptions.map((each) => each.id);
    holds(same(published, on(state.streams.values(), id)), 'its publications are planned');
    holds(same(subscribed, on(state.subscriptions.values(), id)), 'its subscriptions are planned');
  }
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && new Set([...a, ...b]).size === a.length;
}
