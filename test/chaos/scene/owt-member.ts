// Owns a participant of a chaos run that speaks Socket.IO as OWT's SDK does: login, texts, and relogin with its ticket
// wherever it comes back. OWT clients do not count what they hear.
import { createRequire } from 'node:module';
import * as v from 'valibot';
import { startCuttableProxy, type CuttableProxy } from '../../support/cuttable-proxy.ts';
import type { Life, Record, Saying } from './record.ts';

interface IoSocket {
  readonly connected: boolean;
  on(event: string, listener: (data: unknown) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  disconnect(): unknown;
}
const io = createRequire(import.meta.url)('socket.io-client') as (url: string, options: object) => IoSocket;

export interface OwtMemberDeps {
  readonly room: string;
  readonly name: string;
  readonly record: Record;
  readonly edges: () => readonly string[];
  readonly at: number;
  readonly token: (room: string, user: string) => Promise<string>;
}

const loginSchema = v.looseObject({ id: v.string(), reconnectionTicket: v.string() });
const textSchema = v.looseObject({ message: v.string() });
const userAgent = {
  sdk: { version: '5.1', type: 'JavaScript' },
  runtime: { name: 'Chrome', version: '120' },
  os: { name: 'Linux', version: '0' },
};
const answerMs = 15_000;
const againMs = 200;

export class OwtMember {
  readonly #deps: OwtMemberDeps;
  readonly #door: CuttableProxy;
  #at: number;
  #socket: IoSocket | undefined;
  #life: Life | undefined;
  #ticket = '';
  #ready = false;
  #said = 0;
  #lives = 0;
  #gone = false;

  private constructor(deps: OwtMemberDeps, door: CuttableProxy) {
    this.#deps = deps;
    this.#door = door;
    this.#at = deps.at;
  }

  static async join(deps: OwtMemberDeps): Promise<OwtMember> {
    const [first = ''] = deps.edges();
    const member = new OwtMember(deps, await startCuttableProxy(first));
    await member.#login();
    return member;
  }

  get room(): string {
    return this.#deps.room;
  }

  get name(): string {
    return this.#deps.name;
  }

  get participant(): string {
    return this.#life?.participant ?? '';
  }

  get present(): boolean {
    return this.#life !== undefined && !this.#life.over;
  }

  get connected(): boolean {
    return this.#ready;
  }

  get edge(): string {
    const edges = this.#deps.edges();
    return edges[this.#at % edges.length] ?? '';
  }

  get heard(): Life['heard'] {
    return this.#life?.heard ?? [];
  }

  /** Says the next text to all; what nobody answers is not known. */
  async say(text?: string): Promise<boolean> {
    if (!this.#ready) return false;
    const { record, room, name } = this.#deps;
    const message = text ?? `${name} ${(this.#said += 1)}`;
    const saying: Saying = record.say(room, this.participant, message);
    try {
      await this.#ask('text', { to: 'all', message });
      saying.outcome = 'acknowledged';
      return true;
    } catch {
      return false;
    } finally {
      saying.settled = true;
    }
  }

  async close(): Promise<void> {
    this.#gone = true;
    if (this.#life !== undefined) this.#life.over = true;
    this.#socket?.disconnect();
    await this.#door.close();
  }

  async #login(): Promise<void> {
    const { room, name, token, record } = this.#deps;
    this.#ready = false;
    if (this.#life !== undefined) this.#life.over = true;
    while (!this.#gone) {
      this.#socket?.disconnect();
      this.#door.retarget(this.edge);
      const socket = io(this.#door.url, {
        reconnectionDelay: 100,
        reconnectionDelayMax: 1000,
        'force new connection': true,
      });
      this.#socket = socket;
      try {
        const said = await token(room, `${name}.${(this.#lives += 1)}`);
        const reply = await this.#ask('login', { token: said, userAgent, protocol: '1.2' });
        const login = v.parse(loginSchema, reply);
        this.#life = record.begin(room, login.id, true);
        this.#ticket = login.reconnectionTicket;
        this.#ready = true;
        this.#listen(socket);
        return;
      } catch {
        this.#at += 1;
        await new Promise((resolve) => setTimeout(resolve, againMs));
      }
    }
  }

  #listen(socket: IoSocket): void {
    const mine = (): boolean => socket === this.#socket && !this.#gone;
    socket.on('text', (data) => {
      const text = v.safeParse(textSchema, data);
      if (mine() && text.success) this.#life?.heard.push({ text: text.output.message });
    });
    socket.on('disconnect', () => {
      if (!mine()) return;
      this.#ready = false;
      this.#at += 1;
      this.#door.retarget(this.edge);
    });
    socket.on('connect_error', () => {
      if (!mine()) return;
      this.#at += 1;
      this.#door.retarget(this.edge);
    });
    socket.on('connect', () => {
      if (mine()) void this.#relogin();
    });
    socket.on('drop', () => {
      if (mine()) this.#end('dropped');
    });
  }

  async #relogin(): Promise<void> {
    const socket = this.#socket;
    try {
      const ticket = await this.#ask('relogin', this.#ticket);
      if (typeof ticket === 'string') this.#ticket = ticket;
      if (socket === this.#socket && socket?.connected === true) this.#ready = true;
    } catch (error) {
      // Without an answer the connection is gone again, and the next one tries again.
      if (socket === this.#socket && socket?.connected === true && !this.#gone) this.#end(String(error));
    }
  }

  #end(why: string): void {
    const { record, room } = this.#deps;
    record.ended.push({ room, participant: `${this.participant} (OWT)`, why });
    void this.#login();
  }

  #ask(event: string, data: unknown): Promise<unknown> {
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no acknowledgement of ${event}`)), answerMs);
      socket?.on('disconnect', () => {
        clearTimeout(late);
        reject(new Error('disconnected'));
      });
      socket?.emit(event, data, (status: unknown, reply: unknown) => {
        clearTimeout(late);
        if (status === 'ok') resolve(reply);
        else reject(new Error(typeof reply === 'string' ? reply : JSON.stringify(reply)));
      });
    });
  }
}
