// Owns the baseline server Janus: Debian's package run privately (own configuration, ports and folder, loopback only,
// `event_loops` = 2) and the few requests of its VideoRoom and AudioBridge that the benchmarks need.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { freePort } from '../../../edge/platform/node/free-port.ts';
import { progress } from './report.ts';

const library = '/usr/lib/x86_64-linux-gnu/janus';
const replyTimeoutMs = 10_000;

function install(): void {
  if (existsSync('/usr/bin/janus') && existsSync('/usr/sbin/ip')) return;
  progress('installing the baseline: apt-get install janus');
  try {
    execFileSync('apt-get', ['update'], { stdio: 'ignore' });
    execFileSync('apt-get', ['install', '-y', '--no-install-recommends', 'janus', 'iproute2'], {
      stdio: 'ignore',
    });
  } catch {
    throw new Error('The baseline Janus is not installed. As root: apt-get install janus iproute2');
  }
}

/**
 * Janus never gathers candidates on a loopback interface, so it gets a loopback-range address on a virtual one. The
 * name is fixed: a leftover of a run that was killed is taken down first.
 */
export const networkInterface = {
  name: 'sluicebench0',
  peer: 'sluicebench1',
  address: '127.77.0.1',
} as const;

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: 'ignore' });
}

function addInterface(): void {
  removeInterface();
  try {
    ip('link', 'add', networkInterface.name, 'type', 'veth', 'peer', 'name', networkInterface.peer);
    ip('addr', 'add', `${networkInterface.address}/32`, 'dev', networkInterface.name);
    ip('link', 'set', networkInterface.name, 'up');
    ip('link', 'set', networkInterface.peer, 'up');
  } catch (error) {
    throw new Error('The baseline Janus needs a virtual interface: run as root with iproute2 installed', {
      cause: error,
    });
  }
}

function removeInterface(): void {
  try {
    ip('link', 'del', networkInterface.name);
  } catch {
    // There was none.
  }
}

function writeConfiguration(folder: string, port: number): void {
  writeFileSync(
    join(folder, 'janus.jcfg'),
    `general: { plugins_folder = "${library}/plugins" transports_folder = "${library}/transports" events_folder = "${library}/events" loggers_folder = "${library}/loggers" configs_folder = "${folder}" interface = "127.0.0.1" debug_level = 2 event_loops = 2 session_timeout = 0 }
media: { rtp_port_range = "20000-29999" }
nat: { nice_debug = false ice_enforce_list = "${networkInterface.name}" ignore_mdns = true }
plugins: { disable = "libjanus_duktape.so,libjanus_echotest.so,libjanus_lua.so,libjanus_nosip.so,libjanus_recordplay.so,libjanus_sip.so,libjanus_streaming.so,libjanus_textroom.so,libjanus_videocall.so,libjanus_voicemail.so" }
transports: { disable = "libjanus_http.so,libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so" }
`,
  );
  writeFileSync(
    join(folder, 'janus.transport.websockets.jcfg'),
    `general: { ws = true ws_port = ${port} ws_ip = "127.0.0.1" wss = false }\nadmin: { admin_ws = false }\n`,
  );
  writeFileSync(join(folder, 'janus.plugin.videoroom.jcfg'), 'general: {}\n');
  writeFileSync(join(folder, 'janus.plugin.audiobridge.jcfg'), 'general: {}\n');
}

const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce((v, key) => (typeof v === 'object' && v !== null ? Reflect.get(v, key) : undefined), value);

/** One WebSocket to Janus with one session; many may exist beside each other. */
export class JanusSession {
  readonly #socket: WebSocket;
  readonly #replies = new Map<string, (message: unknown) => void>();
  readonly #events: { handle: number; take: (message: unknown) => boolean }[] = [];
  #transaction = 0;
  #session = 0;
  /** Requests sent, each one round trip. */
  roundTrips = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data: Buffer) => {
      this.#receive(JSON.parse(data.toString()));
    });
  }

  static async open(port: number): Promise<JanusSession> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`, 'janus-protocol');
    await once(socket, 'open');
    const session = new JanusSession(socket);
    session.#session = Number(at(await session.#request({ janus: 'create' }), 'data', 'id'));
    return session;
  }

  #receive(message: unknown): void {
    if (at(message, 'janus') === 'event') {
      const handle = Number(at(message, 'sender'));
      const index = this.#events.findIndex((event) => event.handle === handle && event.take(message));
      if (index >= 0) this.#events.splice(index, 1);
      return;
    }
    const transaction = at(message, 'transaction');
    if (typeof transaction !== 'string') return;
    this.#replies.get(transaction)?.(message);
    this.#replies.delete(transaction);
  }

  #request(body: { readonly janus: string } & Readonly<Record<string, unknown>>): Promise<unknown> {
    const transaction = `t${++this.#transaction}`;
    this.roundTrips++;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error(`Janus did not answer ${body.janus}`));
      }, replyTimeoutMs);
      this.#replies.set(transaction, (message) => {
        clearTimeout(late);
        if (at(message, 'janus') === 'error') reject(new Error(JSON.stringify(message)));
        else resolve(message);
      });
      this.#socket.send(
        JSON.stringify({
          ...body,
          transaction,
          ...(this.#session === 0 ? {} : { session_id: this.#session }),
        }),
      );
    });
  }

  /** Sends a plugin message and waits for the event that answers it. */
  async #ask(handle: number, body: unknown, jsep?: unknown): Promise<unknown> {
    const event = new Promise<unknown>((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error(`Janus sent no event for ${JSON.stringify(body)}`));
      }, replyTimeoutMs);
      this.#events.push({
        handle,
        take: (message) => {
          clearTimeout(late);
          const error = at(message, 'plugindata', 'data', 'error');
          if (error === undefined) resolve(message);
          else reject(new Error(JSON.stringify(error)));
          return true;
        },
      });
    });
    await this.#request({
      janus: 'message',
      handle_id: handle,
      body,
      ...(jsep === undefined ? {} : { jsep }),
    });
    return event;
  }

  async attach(plugin: 'videoroom' | 'audiobridge' = 'videoroom'): Promise<number> {
    return Number(
      at(await this.#request({ janus: 'attach', plugin: `janus.plugin.${plugin}` }), 'data', 'id'),
    );
  }

  /** A room of AudioBridge; `options` as its documentation has them. */
  async createBridge(room: number, options: Readonly<Record<string, unknown>>): Promise<void> {
    const handle = await this.attach('audiobridge');
    const body = { request: 'create', room, ...options };
    await this.#request({ janus: 'message', handle_id: handle, body });
  }

  /** The answer to the offer of a participant that sends its sound and receives the mix of the others. */
  async joinBridge(room: number, sdp: string): Promise<string> {
    const handle = await this.attach('audiobridge');
    const joined = await this.#ask(handle, { request: 'join', room }, { type: 'offer', sdp });
    return String(at(joined, 'jsep', 'sdp'));
  }

  async createRoom(room: number): Promise<void> {
    const handle = await this.attach();
    await this.#request({
      janus: 'message',
      handle_id: handle,
      body: {
        request: 'create',
        room,
        publishers: 6,
        bitrate: 0,
        videocodec: 'vp8',
        audiocodec: 'opus',
        fir_freq: 0,
      },
    });
  }

  /** The answer to a publisher's offer, and its feed. */
  async publish(room: number, sdp: string): Promise<{ answer: string; feed: number }> {
    const handle = await this.attach();
    const joined = await this.#ask(handle, {
      request: 'join',
      ptype: 'publisher',
      room,
      display: 'publisher',
    });
    const published = await this.#ask(handle, { request: 'publish' }, { type: 'offer', sdp });
    return {
      answer: String(at(published, 'jsep', 'sdp')),
      feed: Number(at(joined, 'plugindata', 'data', 'id')),
    };
  }

  /** Janus offers to subscribers; `answer` makes the answer out of its offer. */
  async subscribe(room: number, feed: number, answer: (offer: string) => Promise<string>): Promise<void> {
    const handle = await this.attach();
    const offered = await this.#ask(handle, {
      request: 'join',
      ptype: 'subscriber',
      room,
      streams: [{ feed }],
    });
    const sdp = await answer(String(at(offered, 'jsep', 'sdp')));
    await this.#ask(handle, { request: 'start' }, { type: 'answer', sdp });
  }

  close(): void {
    this.#socket.terminate();
  }
}

export interface Janus {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

export async function startJanus(): Promise<Janus> {
  install();
  const folder = mkdtempSync(join(tmpdir(), 'bench-janus-'));
  const port = await freePort();
  addInterface();
  writeConfiguration(folder, port);
  const child = spawn('/usr/bin/janus', ['-F', folder, '-C', join(folder, 'janus.jcfg'), '-o'], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('Janus did not start');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
    removeInterface();
    rmSync(folder, { recursive: true, force: true });
  };
  for (let attempt = 0; attempt < 100; attempt++) {
    try {
      (await JanusSession.open(port)).close();
      return { pid, port, stop };
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  await stop();
  throw new Error('Janus did not listen within 10 s');
}
