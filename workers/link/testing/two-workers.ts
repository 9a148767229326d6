// Owns two workers in one process for tests: routers, transports and links, over a bus that can send links through a proxy.
import { SluiceError } from '../../../schemas/error.ts';
import { channels, splitChannel, type Bus } from '../../../schemas/bus.ts';
import { linkAnswerSchema, linkSignalSchema } from '../../../schemas/link.ts';
import { workerRequestSchema, type ReportItem } from '../../../schemas/worker.ts';
import * as v from 'valibot';
import { steadyClock } from '../../agent/system.ts';
import type { Log } from '../../clock.ts';
import { Routers } from '../../routing/routers.ts';
import { createWebRtcNode, type WebRtcNode } from '../../webrtc/node.ts';
import { createLinkNode, type LinkNode } from '../node.ts';
import { startUdpProxy, type UdpProxy } from './udp-proxy.ts';

export interface TestWorker {
  readonly id: string;
  readonly routers: Routers;
  readonly webrtc: WebRtcNode;
  links: LinkNode;
  readonly reports: ReportItem[];
  readonly errors: string[];
  /** As if the process had ended and begun anew, with nothing in mind. */
  restartLinks(): void;
  close(): Promise<void>;
}

const silenceMs = 1500;

/** One bus for all workers of a test; what it carries can be looked at, refused and changed. */
export class TestBus implements Bus {
  readonly #servers = new Map<string, (message: unknown) => Promise<unknown>>();
  readonly requests: { readonly channel: string; readonly message: unknown }[] = [];
  #proxy: { readonly proxy: UdpProxy; readonly first: string } | undefined;
  cut = false;
  /** Homes whose bus is. */
  readonly away = new Set<string>();

  /** Candidates told of from now on lead through the proxy. `first` is the worker at its first port. */
  through(proxy: UdpProxy, first: string): void {
    this.#proxy = { proxy, first };
  }

  publish(): void {
    // Nobody listens.
  }

  subscribe(): () => void {
    return () => undefined;
  }

  async request(name: string, message: unknown): Promise<unknown> {
    const { home = '', channel } = splitChannel(name);
    this.requests.push({ channel: name, message });
    // As over a network nothing is answered in the same turn.
    await new Promise((resolve) => setImmediate(resolve));
    const server = this.#servers.get(channel);
    if (this.cut || this.away.has(home) || !server)
      throw new SluiceError('unavailable', `Nobody serves ${channel}`);
    const reply = await server(this.#rewritten(structuredClone(message), channel));
    return this.#rewrittenAnswer(structuredClone(reply), channel);
  }

  serve(channel: string, handler: (message: unknown) => Promise<unknown>): () => void {
    this.#servers.set(channel, handler);
    return () => {
      if (this.#servers.get(channel) === handler) this.#servers.delete(channel);
    };
  }

  close(): void {
    this.#servers.clear();
  }

  /** What is said to `channel`'s worker of the other's addresses. */
  #rewritten(message: unknown, channel: string): unknown {
    const request = v.safeParse(workerRequestSchema, message);
    if (!this.#proxy || !request.success || request.output.type !== 'link-signal') return message;
    const { signal } = request.output;
    if (signal.type !== 'candidates') return message;
    const toFirst = channel === channels.worker(this.#proxy.first);
    const candidates = this.#lead(signal.candidates, toFirst);
    return { ...request.output, signal: v.parse(linkSignalSchema, { ...signal, candidates }) };
  }

  /** What `channel`'s worker says of its own addresses. */
  #rewrittenAnswer(reply: unknown, channel: string): unknown {
    const answer = v.safeParse(linkAnswerSchema, reply);
    if (!this.#proxy || !answer.success) return reply;
    const toFirst = channel !== channels.worker(this.#proxy.first);
    return { ...answer.output, candidates: this.#lead(answer.output.candidates, toFirst) };
  }

  #lead(candidates: readonly string[], toFirst: boolean): string[] {
    if (!this.#proxy) return [...candidates];
    const { toFirst: first, toSecond: second } = this.#proxy.proxy;
    // The first end must see the second's stand-in, and so on.
    const port = String(toFirst ? second : first);
    return candidates.map((text) => text.replace(/^(\S+ \d+ UDP \d+ \S+) \d+/i, `$1 ${port}`));
  }
}

export async function startTestWorker(id: string, bus: TestBus): Promise<TestWorker> {
  const routers = new Routers();
  const reports: ReportItem[] = [];
  const errors: string[] = [];
  const log: Log = {
    info: () => undefined,
    warn: () => undefined,
    error: (message, fields) => errors.push(`${message} ${JSON.stringify(fields)}`),
  };
  const webrtc = await createWebRtcNode({
    routers,
    settings: { bindAddress: '127.0.0.1' },
    clock: steadyClock,
    log,
    report: (_, items) => {
      reports.push(...items);
    },
  });
  const start = (): LinkNode =>
    createLinkNode({
      id,
      bus,
      routers,
      clock: steadyClock,
      log,
      udpPort: webrtc.udpPort,
      bindAddress: '127.0.0.1',
      silenceMs,
    });
  const worker: TestWorker = {
    id,
    routers,
    webrtc,
    links: start(),
    reports,
    errors,
    restartLinks: () => {
      worker.links.close();
      worker.links = start();
    },
    close: async () => {
      stop();
      worker.links.close();
      await webrtc.close();
    },
  };
  const stop = bus.serve(channels.worker(id), async (message) => {
    const request = v.parse(workerRequestSchema, message);
    if (request.type !== 'link-signal') throw new SluiceError('bad-request', 'Only links are served');
    return worker.links.signal(request.from, request.signal);
  });
  return worker;
}

/** A proxy between two workers through which `bus` then leads their links. */
export async function startProxyBetween(
  bus: TestBus,
  first: TestWorker,
  second: TestWorker,
): Promise<UdpProxy> {
  const proxy = await startUdpProxy(first.webrtc.udpPort, second.webrtc.udpPort);
  bus.through(proxy, first.id);
  return proxy;
}
