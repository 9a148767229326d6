// Owns a whole management interface for tests, on memory ports: two services, signed requests, rooms made live by
// scripted rooms that decide and fold at once.
import type { Hono } from 'hono';
import type { Service } from '../../schemas/management.ts';
import type { MixerStats } from '../../schemas/worker.ts';
import type { Clock, Log, Random } from '../clock.ts';
import { createMemoryAudit } from '../platform/memory/audit.ts';
import { createMemoryPorts } from '../platform/memory/ports.ts';
import type { Command } from '../rooms/command.ts';
import { decide } from '../rooms/decide.ts';
import type { LiveRoom, Rooms } from '../rooms/live-room.ts';
import { ScriptedRoom } from '../rooms/scripted-room.ts';
import type { Directory } from '../store/directory.ts';
import type { Ports } from '../store/ports.ts';
import { sign } from '../tokens/signature.ts';
import { toBase64 } from '../tokens/text-codec.ts';
import { createIceServers } from '../tokens/ice-servers.ts';
import { createTokens, type Tokens } from '../tokens/tokens.ts';
import type { Audit } from '../store/audit.ts';
import { managementApp, type ManagementDeps } from './app.ts';
import { createClusterView } from './cluster-view.ts';
import { edgeAnswers } from './edge-answers.ts';
import { ensureServices } from './first-run.ts';
import type { ReplaySettings } from './replay-protection.ts';

export interface Credentials {
  readonly user?: string;
  readonly role?: string;
  readonly timestamp?: string;
  readonly nonce?: string;
}
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; undefined when it is not JSON. */
  readonly json: unknown;
}

const relays = {
  fixed: [{ urls: ['stun:stun.test'] }],
  relay: { urls: ['turn:any.test'], secrets: ['general'] },
  relayOfRegion: { eu: { urls: ['turn:eu.test'], secrets: ['european', 'older'] } },
  ttlMs: 3_600_000,
};

/** A clock whose timers ring at once, remembering for how long they were set; those of another day do not ring. */
export class HastyClock implements Clock {
  time = 1_700_000_000_000;
  readonly waits: number[] = [];
  now(): number {
    return this.time;
  }
  after(ms: number, callback: () => void) {
    this.waits.push(ms);
    if (ms < 86_400_000) queueMicrotask(callback);
    return () => undefined;
  }
  every() {
    return () => undefined;
  }
}

/** The same bytes in every run of a seed (mulberry32). */
export function seededRandom(seed: number): Random {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % 256;
  };
  return { bytes: (length) => Uint8Array.from({ length }, next) };
}

export class ScriptedServer {
  readonly app: Hono;
  /** What the app was made of. */
  readonly deps: ManagementDeps;
  readonly audit: Audit = createMemoryAudit();
  readonly clock: HastyClock;
  readonly directory: Directory;
  readonly random: Random;
  readonly rooms: Rooms;
  readonly tokens: Tokens;
  readonly log: Log;
  readonly errors: string[] = [];
  readonly superService: Service;
  readonly sampleService: Service;
  readonly sampleRoom: string;
  readonly commands: Command[] = [];
  /** What live rooms tell of their mixers. */
  mixers: readonly MixerStats[] = [];
  readonly #live = new Map<string, ScriptedRoom>();
  #nonce = 0;

  static async start(settings: Partial<ReplaySettings> = {}): Promise<ScriptedServer> {
    const clock = new HastyClock();
    const random = seededRandom(7);
    const ports = await createMemoryPorts({ clock, random });
    return new ScriptedServer(clock, random, ports, await ensureServices(ports.directory, random), settings);
  }

  private constructor(
    clock: HastyClock,
    random: Random,
    ports: Ports,
    first: Awaited<ReturnType<typeof ensureServices>>,
    settings: Partial<ReplaySettings>,
  ) {
    const { directory, once, jobs } = ports;
    this.clock = clock;
    this.random = random;
    this.directory = directory;
    this.superService = first.superService;
    this.sampleService = first.sampleService;
    this.sampleRoom = first.sampleRoom;
    const silent = () => undefined;
    this.log = { info: silent, warn: silent, error: (message) => void this.errors.push(message) };
    const address = () => ({ host: 'edge:3004', secure: true });
    this.tokens = createTokens({ directory, once, clock, random, address });
    this.rooms = {
      open: () => Promise.reject(new Error('REST opens no rooms')),
      find: (id) => this.#find(id),
      reach: (id) => Promise.resolve(this.#find(id)),
      serves: () => Promise.resolve(false),
      all: () => [...this.#live.keys()].flatMap((id) => this.#find(id) ?? []),
      close: () => Promise.resolve(),
    };
    this.deps = {
      portalFor: () => Promise.resolve(address()),
      directory,
      once,
      jobs,
      rooms: this.rooms,
      tokens: this.tokens,
      iceServers: createIceServers(relays, clock),
      clock,
      random,
      log: this.log,
      audit: this.audit,
      cluster: createClusterView({
        ...ports,
        log: this.log,
        edge: 'edge-1',
        answers: edgeAnswers({ rooms: this.rooms, config: { http: { port: 3000 }, secret: 's3cret' } }),
      }),
      settings: { superService: first.superService._id, ...settings },
    };
    this.app = managementApp(this.deps);
  }

  /** Makes the sample room live as `room`; its commands are recorded. */
  goLive(room = ScriptedRoom.open()): ScriptedRoom {
    this.#live.set(this.sampleRoom, room);
    return room;
  }

  async header(service: Service, credentials: Credentials = {}): Promise<string> {
    const timestamp = credentials.timestamp ?? String(this.clock.now());
    const nonce = credentials.nonce ?? String(this.#nonce++);
    const user = credentials.user === undefined ? undefined : toBase64(credentials.user);
    const { role } = credentials;
    const named = user !== undefined && role !== undefined ? `,${user},${role}` : '';
    return [
      'MAuth realm=http://marte3.dit.upm.es,mauth_signature_method=HMAC_SHA256',
      ...(user === undefined ? [] : [`mauth_username=${user}`]),
      ...(role === undefined ? [] : [`mauth_role=${role}`]),
      `mauth_serviceid=${service._id},mauth_cnonce=${nonce},mauth_timestamp=${timestamp}`,
      `mauth_signature=${await sign(service.key, `${timestamp},${nonce}${named}`)}`,
    ].join(',');
  }

  /** A signed request; by the sample service unless another is named. `body` goes as JSON. */
  async call(method: string, path: string, body?: unknown, service = this.sampleService): Promise<Reply> {
    const headers = { authorization: await this.header(service), 'content-type': 'application/json' };
    return this.send(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  }

  async send(
    path: string,
    init: RequestInit = {},
    app: Hono = this.app,
    address = '192.0.2.1',
  ): Promise<Reply> {
    const response = await app.request(path, init, { address });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: parsed(text) };
  }

  #find(id: string): LiveRoom | undefined {
    const room = this.#live.get(id);
    if (room === undefined) return undefined;
    const unused = () => Promise.reject(new Error('not used by REST'));
    return {
      id,
      epoch: 'e',
      get state() {
        return room.state;
      },
      execute: async (command) => {
        this.commands.push(command);
        const decision = decide(room.state, command, 0);
        if (!decision.ok) return decision;
        room.run(command);
        return { ok: true, seq: room.state.seq };
      },
      listen: () => () => undefined,
      since: () => undefined,
      seqAt: () => 0,
      signal: unused,
      stats: unused,
      mixerStats: () => Promise.resolve(this.mixers),
    };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
