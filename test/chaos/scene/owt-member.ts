// Owns a participant of a chaos run that speaks Socket.IO as OWT's SDK does: login, texts, and relogin with its ticket
// wherever it comes back. OWT clients do not count what they hear.
import { createRequire } from 'node:module';
import * as v from 'valibot';
import { startCuttableProxy, type CuttableProxy } from '../../support/cuttable-proxy.ts';
import type { Saying } from './record.ts';
import { Talker, type TalkerDeps } from './talker.ts';

interface IoSocket {
  readonly connected: boolean;
  on(event: string, listener: (data: unknown) => void): unknown;
  emit(event: string, ...args: unknown[]): unknown;
  disconnect(): unknown;
}
const io = createRequire(import.meta.url)('socket.io-client') as (url: string, options: object) => IoSocket;

const loginSchema = v.looseObject({ id: v.string(), reconnectionTicket: v.string() });
const textSchema = v.looseObject({ message: v.string() });
const userAgent = {
  sdk: { version: '5.1', type: 'JavaScript' },
  runtime: { name: 'Chrome', version: '120' },
  os: { name: 'Linux', version: '0' },
};
const answerMs = 15_000;
const againMs = 200;
/** As OWT's SDK: well before its ticket expires. */
const renewMs = 240_000;

/** The server's no. It closes the socket behind that, and Socket.IO does not open another by itself. */
class Refused extends Error {}

export class OwtMember extends Talker {
  readonly #door: CuttableProxy;
  #socket: IoSocket | undefined;
  #ticket = '';
  #ready = false;
  #gone = false;
  readonly #renewal = setInterval(() => void this.#renew(), renewMs);

  private constructor(deps: TalkerDeps, door: CuttableProxy) {
    super(deps);
    this.#door = door;
  }

  static async join(deps: TalkerDeps): Promise<OwtMember> {
    const [first = ''] = deps.edges();
    const member = new OwtMember(deps, await startCuttableProxy(first));
    await member.#login();
    return member;
  }

  get connected(): boolean {
    return this.#ready;
  }

  override async say(text?: string): Promise<boolean> {
    return this.#ready && super.say(text);
  }

  async close(): Promise<void> {
    this.#gone = true;
    clearInterval(this.#renewal);
    this.endLife();
    this.#socket?.disconnect();
    await this.#door.close();
  }

  protected override tell(message: string): Promise<unknown> {
    return this.#ask('text', { to: 'all', message });
  }

  /** It has no refusal that is surely a rule's. */
  protected override outcomeOf(): Saying['outcome'] {
    return 'unknown';
  }

  async #login(): Promise<void> {
    this.#ready = false;
    this.endLife();
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
        const said = await this.nextToken();
        this.note(`asks ${this.edge} to be let in`);
        const reply = await this.#ask('login', { token: said, userAgent, protocol: '1.2' });
        const login = v.parse(loginSchema, reply);
        this.life = this.record.begin(this.room, login.id);
        this.#ticket = login.reconnectionTicket;
        this.#ready = true;
        this.#listen(socket);
        return;
      } catch (error) {
        this.note(`is not let in: ${error instanceof Error ? error.message : String(error)}`);
        // It may have been let in all the same.
        socket.emit('logout');
        this.moveOn();
        await new Promise((resolve) => setTimeout(resolve, againMs));
      }
    }
  }

  #listen(socket: IoSocket): void {
    const mine = (): boolean => socket === this.#socket && !this.#gone;
    socket.on('text', (data) => {
      const text = v.safeParse(textSchema, data);
      if (mine() && text.success) this.life?.heard.push({ text: text.output.message });
    });
    socket.on('disconnect', () => {
      if (!mine()) return;
      this.life?.heard.push({ broke: true });
      this.#ready = false;
      this.moveOn();
      this.#door.retarget(this.edge);
    });
    socket.on('connect_error', () => {
      if (!mine()) return;
      this.moveOn();
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
      if (error instanceof Refused && socket === this.#socket && !this.#gone) this.#end(error.message);
    }
  }

  async #renew(): Promise<void> {
    if (!this.#ready) return;
    try {
      const ticket = await this.#ask('refreshReconnectionTicket');
      if (typeof ticket === 'string') this.#ticket = ticket;
    } catch {
      // There is another turn before it expires.
    }
  }

  #end(why: string): void {
    const { record, room } = this;
    record.ended.push({ room, participant: `${this.participant} (OWT)`, why });
    this.note(`was ended: ${why}`);
    void this.#login();
  }

  #ask(event: string, ...data: readonly unknown[]): Promise<unknown> {
    const socket = this.#socket;
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`no acknowledgement of ${event}`)), answerMs);
      socket?.on('disconnect', () => {
        clearTimeout(late);
        reject(new Error('disconnected'));
      });
      socket?.emit(event, ...data, (status: unknown, reply: unknown) => {
        clearTimeout(late);
        if (status === 'ok') resolve(reply);
        else reject(new Refused(typeof reply === 'string' ? reply : JSON.stringify(reply)));
      });
    });
  }
}
