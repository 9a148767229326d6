// Owns what the table of refusals is played on: a server of its own for each row, and clients of one protocol.
import { createTickets } from '../../../tokens/ticket.ts';
import { nodeClock } from '../clock.ts';
import { nodeRandom } from '../random.ts';
import type { ScriptedServer } from '../scripted-server.ts';
import type { Answer, Joined, Speaker } from '../scripted-speaker.ts';

export const micAndCamera = [
  { type: 'audio', mid: '0', source: 'mic' },
  { type: 'video', mid: '1', source: 'camera' },
] as const;

export class Stage {
  readonly server: ScriptedServer;
  readonly #connect: (url: string) => Promise<Speaker>;
  readonly #speakers: Speaker[] = [];

  constructor(server: ScriptedServer, connect: (url: string) => Promise<Speaker>) {
    this.server = server;
    this.#connect = connect;
  }

  /** The room's mixed stream. */
  get mixed(): string {
    return `${this.server.document._id}-common`;
  }

  async connect(): Promise<Speaker> {
    const speaker = await this.#connect(this.server.url);
    this.#speakers.push(speaker);
    return speaker;
  }

  async join(role = 'presenter', over: object = {}): Promise<Speaker & { readonly me: Joined }> {
    const speaker = await this.connect();
    const answer = await speaker.login(await this.server.token('ann', { role }), over);
    if (!answer.ok) throw new Error(`not joined: ${String(answer.text)}`);
    return { ...speaker, me: speaker.joined(answer) };
  }

  /** A new client that presents a token. */
  async login(token: string | Promise<string>, over: object = {}): Promise<Answer> {
    const speaker = await this.connect();
    return speaker.login(await token, over);
  }

  async relogin(ticket: unknown): Promise<Answer> {
    const speaker = await this.connect();
    return speaker.relogin(ticket);
  }

  publish(speaker: Speaker, tracks: readonly object[] = micAndCamera, more: object = {}): Promise<Answer> {
    return speaker.ask('publish', { media: { tracks }, ...more });
  }

  /** Publishes and waits until others may subscribe. */
  async published(speaker: Speaker, tracks?: readonly object[]): Promise<string> {
    const id = idOf(await this.publish(speaker, tracks));
    await this.#until(() => this.server.room().state.streams.get(id)?.phase === 'ready');
    return id;
  }

  async subscribed(speaker: Speaker, type: 'audio' | 'video', from: string): Promise<string> {
    return idOf(await speaker.ask('subscribe', { media: { tracks: [{ type, mid: '9', from }] } }));
  }

  /** Asks for one track of the mixed stream with something special about it. */
  async subscribe(type: 'audio' | 'video', special: object): Promise<Answer> {
    const speaker = await this.join();
    const track = { type, mid: '0', from: this.mixed, ...special };
    return speaker.ask('subscribe', { media: { tracks: [track] } });
  }

  /** A reconnection ticket as it was made at another time. */
  ticket(participant: string, agoMs: number): Promise<string> {
    const clock = { ...nodeClock, now: () => nodeClock.now() - agoMs };
    const { directory } = this.server.ports;
    return createTickets({ directory, clock, random: nodeRandom }).issue({
      participant,
      room: this.server.document._id,
    });
  }

  get last(): Speaker | undefined {
    return this.#speakers.at(-1);
  }

  async close(): Promise<void> {
    for (const speaker of this.#speakers) speaker.end();
    await this.server.close();
  }

  async #until(condition: () => boolean): Promise<void> {
    const deadline = performance.now() + 20_000;
    while (!condition()) {
      if (performance.now() > deadline) throw new Error('not seen in time');
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}

function idOf({ data, text }: Answer): string {
  if (typeof data !== 'object' || data === null || !('id' in data))
    throw new Error(`refused: ${String(text)}`);
  return String(data.id);
}
