// Owns measuring how a stage comes back after a fault: when everybody hears again what is said, when packets come again,
// and when everybody sees the same room.
import { checkLooks } from '../history/check-looks.ts';
import type { Look, Truth } from '../history/history.ts';
import type { Crowd } from './crowd.ts';
import type { Flow } from './flow.ts';
import { inTime, type Room, type Stage } from './stage.ts';

const lookEveryMs = 10;
const sayEveryMs = 250;
const restMs = 5_000;
/** Pictures come in bursts; less than this is no interruption. */
const interruptionMs = 400;
/** Nothing comes any more: the media is lost, on a busy machine too. */
const silenceMs = 5_000;
/** So long is waited for packets that come to come without such gaps. */
const patienceMs = 20_000;

let marks = 0;

/** Milliseconds from `from` until in every room everybody heard something said after now; undefined if that takes too long. */
export async function heardAgain(stage: Stage, from: number, timeoutMs: number): Promise<number | undefined> {
  const times = await Promise.all(stage.rooms.map((room) => heardIn(room, timeoutMs)));
  return times.some((time) => time === undefined)
    ? undefined
    : Math.max(...times.map((time) => (time ?? 0) - from));
}

async function heardIn(room: Room, timeoutMs: number): Promise<number | undefined> {
  const deadline = performance.now() + timeoutMs;
  const all = [...room.members, room.owt];
  const said: string[] = [];
  let saidAt = -Infinity;
  while (performance.now() < deadline) {
    if (performance.now() - saidAt > sayEveryMs) {
      saidAt = performance.now();
      const mark = `mark ${(marks += 1)}`;
      said.push(mark);
      void room.members[2]?.say(mark);
    }
    await wait(lookEveryMs);
    const texts = all.map(({ heard, present }) => ({
      present,
      heard: new Set(heard.slice(-400).map((each) => ('text' in each ? each.text : ''))),
    }));
    if (said.some((mark) => texts.every(({ present, heard }) => present && heard.has(mark))))
      return performance.now();
  }
  return undefined;
}

export interface Interruption {
  /** From the fault until packets came again for good, 0 if they never stopped. */
  readonly backMs: number;
  /** The longest time without any. */
  readonly gapMs: number;
  /** They come, but not for so long without a gap as to call it over: the machine has no time for more. */
  readonly unsteady: boolean;
}

/** Of each room, once packets come in it; undefined for one in which none do. */
export async function flowsAgain(
  stage: Stage,
  from: number,
  timeoutMs: number,
): Promise<(Interruption | undefined)[]> {
  return Promise.all(stage.rooms.map(({ flow }) => flowAgain(flow, from, performance.now() + timeoutMs)));
}

async function flowAgain(flow: Flow, from: number, deadline: number): Promise<Interruption | undefined> {
  let [steadyFrom, comingFrom] = [performance.now(), performance.now()];
  const isSteady = () => performance.now() - steadyFrom > 2 * interruptionMs;
  while (!isSteady() && performance.now() - comingFrom < patienceMs && performance.now() < deadline) {
    await wait(lookEveryMs);
    const silence = performance.now() - flow.lastAt;
    if (silence >= interruptionMs) steadyFrom = performance.now();
    if (silence >= silenceMs) comingFrom = performance.now();
  }
  if (performance.now() - flow.lastAt >= silenceMs) return undefined;
  const { lengthMs, endedAt } = flow.gap;
  const until = Math.min(endedAt, performance.now());
  // What stopped and came back while Redis or a process still stood still did not wait for it.
  const backMs = lengthMs > interruptionMs ? Math.max(0, until - from) : 0;
  return { gapMs: lengthMs, backMs, unsteady: !isSteady() };
}

export interface Quiet {
  readonly looks: readonly Look[];
  readonly truths: readonly Truth[];
  /** How long it took until everybody saw the same. */
  readonly afterMs: number;
}

/** What everybody sees, once that is the truth or after `timeoutMs`. Nothing may be under way. */
export async function look(stage: Stage, crowd: Crowd, from: number, timeoutMs: number): Promise<Quiet> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const seen = await Promise.all(stage.rooms.map((room) => lookInto(stage, crowd, room)));
    const looks = seen.flatMap((each) => each.looks);
    const truths = seen.map(({ truth }) => truth);
    const all = { said: [], lives: [], logged: [], documents: [], leases: [], looks, truths };
    const isTrue = stage.rooms.every(({ id }) => checkLooks(id, all).length === 0);
    const now = performance.now();
    if (isTrue || now > deadline) return { looks, truths, afterMs: now - from };
    await wait(200);
  }
}

async function lookInto(stage: Stage, crowd: Crowd, room: Room): Promise<{ looks: Look[]; truth: Truth }> {
  const looks: Look[] = room.members.map((member) => ({
    room: room.id,
    by: member.name,
    standing: member.standing,
    participants: [...member.mirror.participants.keys()],
    streams: [...member.mirror.streams.keys()],
  }));
  for (const { url } of stage.edges) {
    const ids = async (what: string): Promise<string[]> => {
      const list: unknown = await inTime(
        fetch(`${url}/rooms/${room.id}/${what}`).then((reply) => reply.json()),
        restMs,
      );
      return Array.isArray(list) ? list.map((each: { id: string }) => each.id) : [];
    };
    try {
      looks.push({
        room: room.id,
        by: url,
        participants: await ids('participants'),
        streams: await ids('streams'),
      });
    } catch (error) {
      looks.push({ room: room.id, by: `${url} (${String(error)})`, participants: [], streams: [] });
    }
  }
  const stream = room.publication.session;
  const streams = [...(stream === undefined ? [] : [stream]), ...(room.mixed ? [`${room.id}-common`] : [])];
  return { looks, truth: { room: room.id, participants: crowd.present(room), streams } };
}

export function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
