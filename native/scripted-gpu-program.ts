// Owns the addon in a process of its own, which sees a simulated GPU: does what scripted-gpu.ts asks, and sends what
// sessions tell.
import type {
  NativeCounters,
  NativeEvent,
  NativeProbe,
  NativeProgress,
  NativeSession,
  NativeSessionOptions,
} from './addon.ts';
import { loadAddon } from './load-addon.ts';

export type GpuOrder =
  | { readonly type: 'open'; readonly session: number; readonly options: NativeSessionOptions }
  | {
      readonly type: 'call';
      readonly session: number;
      readonly method: keyof NativeSession;
      readonly args: readonly unknown[];
    }
  | { readonly type: 'progress'; readonly ask: number; readonly session: number }
  | { readonly type: 'probe'; readonly ask: number; readonly options: NativeSessionOptions }
  | { readonly type: 'counters'; readonly ask: number };

type Call = Extract<GpuOrder, { type: 'call' }>;

export type GpuReport =
  | { readonly type: 'ready' }
  | { readonly type: 'events'; readonly session: number; readonly events: readonly NativeEvent[] }
  | { readonly type: 'answer'; readonly ask: number; readonly answer: GpuAnswer };

export type GpuAnswer =
  | { readonly probe: NativeProbe }
  | { readonly progress: NativeProgress }
  | { readonly counters: NativeCounters }
  | { readonly error: string };

const loaded = loadAddon();
if (loaded.addon === undefined) throw new Error(loaded.reason);
const { addon } = loaded;
const sessions = new Map<number, NativeSession>();
/** Calls that a full queue did not take, and what came after them: who asks from outside cannot be told in time. */
const waiting = new Map<number, Call[]>();
const againMs = 5;
const send = (report: GpuReport): void => {
  // Who asked may be gone meanwhile.
  process.send?.(report, undefined, undefined, () => undefined);
};
const sessionOf = (id: number): NativeSession => {
  const session = sessions.get(id);
  if (session === undefined) throw new Error(`there is no session ${id}`);
  return session;
};

function answer(order: Extract<GpuOrder, { ask: number }>): GpuAnswer {
  switch (order.type) {
    case 'probe':
      return { probe: addon.probe(order.options) };
    case 'progress': {
      const progress = sessionOf(order.session).progress();
      const untaken = waiting.get(order.session)?.length ?? 0;
      return { progress: { ...progress, waitingCommands: progress.waitingCommands + untaken } };
    }
    case 'counters':
      return { counters: addon.counters() };
  }
}

function answered(order: Extract<GpuOrder, { ask: number }>): GpuAnswer {
  try {
    return answer(order);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

/** False while the queue is full. */
function taken({ session: id, method, args }: Call): boolean {
  const session = sessionOf(id);
  if (Reflect.apply(session[method], session, args) !== false) return true;
  const { state } = session.progress();
  return state === 'failed' || state === 'closed';
}

function call(order: Call): void {
  const before = waiting.get(order.session);
  if (before !== undefined) before.push(order);
  else if (!taken(order)) {
    waiting.set(order.session, [order]);
    setTimeout(() => callWaiting(order.session), againMs);
  }
}

function callWaiting(session: number): void {
  const calls = waiting.get(session) ?? [];
  while (calls[0] !== undefined && taken(calls[0])) calls.shift();
  if (calls.length === 0) waiting.delete(session);
  else setTimeout(() => callWaiting(session), againMs);
}

process.on('message', (order: GpuOrder) => {
  switch (order.type) {
    case 'open':
      sessions.set(
        order.session,
        addon.open(order.options, (events) => send({ type: 'events', session: order.session, events })),
      );
      break;
    case 'call':
      call(order);
      break;
    default:
      send({ type: 'answer', ask: order.ask, answer: answered(order) });
  }
});
process.on('disconnect', () => {
  for (const session of sessions.values()) session.close();
});
send({ type: 'ready' });
