// Owns how participants move between edges. The edge where a client comes back attaches the participant, in the room's
// log, and asks the edge that held it what the client has not had; that edge lets go, and answers for it a while longer.
import * as v from 'valibot';
import { type Bus, channelAt, type Unsubscribe } from '../../schemas/bus.ts';
import { SluiceError } from '../../schemas/error.ts';
import {
  handedOverSchema,
  handOverChannel,
  handOverRequestSchema,
  type HandedOver,
  type HandOverRequest,
} from '../../schemas/hand-over.ts';
import type { Notice } from '../../schemas/notice.ts';
import type { Clock, Log } from '../clock.ts';
import { edgeFamilies } from '../metrics/edge-families.ts';
import type { Metrics } from '../metrics/metrics.ts';
import type { LiveRoom } from '../rooms/live-room.ts';
import type { TicketClaims } from '../tokens/ticket.ts';
import type { Owed } from './owed.ts';
import type { Position } from './position.ts';
import { share } from './delivery.ts';
import type { Session } from './session.ts';

export interface MovesDeps {
  /** That of all homes. */
  readonly bus: Bus;
  readonly edge: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics?: Metrics;
  /** The session of a participant on this edge. */
  readonly session: (room: string, participant: string) => Session | undefined;
}

/** A participant that came to this edge. */
export interface Move {
  /** Its session here. */
  readonly session: Session;
  readonly claims: TicketClaims;
  /** The edge that held it. */
  readonly holder: string;
  /** The log entry by which it came. */
  readonly seq: number;
  /** Where its client says it left off, if it counts. */
  readonly after: Position | undefined;
}

/** An edge that died cannot say what its clients had: they had what is older than this, or they are long gone. */
const surelyHeardMs = 60_000;
/** How long the other edge may take; it waits a little itself for what is under way there. */
const replyMs = 2_000;
/** For the entry by which the participant left to come here too, and for answers of media workers. */
const patienceMs = 1_000;
/** Who moved away is remembered so long, for an edge that asks late or again. */
const rememberMs = 60_000;
const maxRemembered = 10_000;
const maxMissed = 20_000;

export class Moves {
  readonly #deps: MovesDeps;
  readonly #departed = new Map<string, Session>();
  readonly #stopServing: Unsubscribe;

  constructor(deps: MovesDeps) {
    this.#deps = deps;
    this.#stopServing = deps.bus.serve(handOverChannel(deps.edge), (message) => this.#answer(message));
  }

  /** What a participant that moved here is owed. Undefined when that is no longer known. */
  async bring({ session, claims, holder, seq, after }: Move): Promise<Owed | undefined> {
    const { room, participant } = session;
    const { epoch } = room;
    const request = { room: room.id, participant, seq, ...(after === undefined ? {} : { position: after }) };
    const handed = await this.#ask(holder, room.home, request);
    const outcome = handed?.missed === undefined ? 'unknown' : 'ok';
    this.#deps.metrics?.add(edgeFamilies.handOvers, { direction: 'in', outcome });
    if (handed === undefined) {
      const position = { seq: room.seqAt(this.#deps.clock.now() - surelyHeardMs), epoch };
      const { protocol: version } = claims;
      const mail = version && { mail: { version, ticket: true, answers: [] } };
      return { backlog: [], position, ...mail };
    }
    const { missed: backlog, mail } = handed;
    if (backlog === undefined) return undefined;
    return {
      backlog,
      position: { seq, epoch },
      ...(after === undefined ? {} : { after }),
      ...(mail === undefined ? {} : { mail }),
    };
  }

  /** Its participant goes on at another edge, which is about to ask for what is owed. */
  departed(session: Session): void {
    const { participant } = session;
    this.#departed.delete(participant);
    this.#departed.set(participant, session);
    const [oldest] = this.#departed.keys();
    if (this.#departed.size > maxRemembered && oldest !== undefined) this.#departed.delete(oldest);
    this.#deps.clock.after(rememberMs, () => {
      if (this.#departed.get(participant) === session) this.#departed.delete(participant);
    });
  }

  close(): void {
    this.#stopServing();
    this.#departed.clear();
  }

  /** Undefined when that edge does not say: it may be dead. */
  async #ask(
    holder: string,
    home: string | undefined,
    request: HandOverRequest,
  ): Promise<HandedOver | undefined> {
    const { bus, log } = this.#deps;
    try {
      const reply = await bus.request(channelAt(home, handOverChannel(holder)), request, replyMs);
      return v.parse(handedOverSchema, reply);
    } catch (error) {
      const { room, participant } = request;
      log.warn('nothing was handed over', { room, participant, edge: holder, error });
      return undefined;
    }
  }

  async #answer(message: unknown): Promise<HandedOver> {
    const request = v.safeParse(handOverRequestSchema, message);
    if (!request.success) throw new SluiceError('bad-request', 'Not a request to hand over');
    const { room, participant, seq, position } = request.output;
    const session = this.#deps.session(room, participant) ?? this.#departed.get(participant);
    if (session?.room.id !== room) throw new SluiceError('participant-not-found', 'Client does NOT exist');
    await this.#soon((done) => whenAt(session.room, seq, done));
    session.leftForAnotherEdge();
    await this.#soon((done) => {
      void session.settledAll().then(done);
      return () => undefined;
    });
    const { owed } = session;
    const missed = missedBy(session, position, seq);
    const outcome = missed === undefined ? 'unknown' : 'ok';
    this.#deps.metrics?.add(edgeFamilies.handOvers, { direction: 'out', outcome });
    return {
      ...(missed === undefined || missed.length > maxMissed ? {} : { missed }),
      ...(owed?.mail === undefined ? {} : { mail: owed.mail }),
    };
  }

  /** Resolves when `wait` calls back, and not much later when it does not. */
  async #soon(wait: (done: () => void) => Unsubscribe): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#deps.clock.after(patienceMs, () => {
        stop();
        resolve();
      });
      const stop = wait(() => {
        cancel();
        resolve();
      });
    });
  }
}

/** What is owed up to log entry `until` to a client that left off at `position`; undefined when that is no longer known. */
function missedBy(
  { room, participant, owed }: Session,
  position: Position | undefined,
  until: number,
): Notice[] | undefined {
  // An edge on the way may never have been able to tell its client what it was handed.
  const counts = position !== undefined && !samePosition(owed?.after, position);
  const from = counts ? position : owed?.position;
  if (from === undefined) return undefined;
  const backlog = counts ? [] : [...(owed?.backlog ?? [])];
  if (from.seq >= until) return backlog;
  const after = room.since(from.seq, from.epoch);
  const later = room.since(until, room.epoch);
  if (after === undefined || later === undefined) return undefined;
  const upTo = after.slice(0, after.length - later.length);
  return [...backlog, ...(share(upTo, until, participant)?.notices ?? [])];
}

function samePosition(a: Position | undefined, b: Position): boolean {
  return a?.seq === b.seq && a.epoch === b.epoch;
}

/** Calls back once the room's state here holds log entry `seq`. */
function whenAt(room: LiveRoom, seq: number, callback: () => void): Unsubscribe {
  if (room.state.seq >= seq) {
    callback();
    return () => undefined;
  }
  const unlisten = room.listen((batch) => {
    if (batch.seq < seq) return;
    unlisten();
    callback();
  });
  return unlisten;
}
