// Owns a room that is made up for one page: it answers the page's signaling and layout requests as a server with views
// would, by the server's own rules, and tells what a test wants told. No media passes.
import { join as joinPath } from 'node:path';
import { decode, encode } from '@msgpack/msgpack';
import { build } from 'esbuild';
import type { Page, WebSocketRoute } from 'playwright-core';
import { newRoomDocument } from '../../edge/management/room-document.ts';
import { readLayoutRequest } from '../../edge/rooms/view/layout-request.ts';
import { mixedStreamInfo } from '../../edge/rooms/view/mixed-stream.ts';
import { join, leaveStream, noInputs, viewRules } from '../../edge/rooms/view/view-inputs.ts';
import { setLayout, setRegion, viewLayout } from '../../edge/rooms/view/view-layout.ts';
import type { ViewChange } from '../../edge/rooms/view/view-layout.ts';
import type { SessionReply } from '../../edge/client/wire.ts';
import type { Notice } from '../../schemas/notice.ts';
import type {
  GivenTicket,
  JoinResult,
  ResumeResult,
  ServerFrame,
  SignalMessage,
} from '../../schemas/signal.ts';
import type {
  ForwardStreamInfo,
  MixedStreamInfo,
  ParticipantInfo,
  StreamInfo,
} from '../../schemas/stream.ts';
import type { MixerStats } from '../../schemas/worker.ts';

const root = joinPath(import.meta.dirname, '../..');
const roomId = '6560a1b2c3d4e5f60718293a';
const given: GivenTicket = { ticket: 'ticket', ticketMs: 600_000 };
const me: ParticipantInfo = { id: 'me', user: 'Mira Okafor', role: 'presenter' };
const document = newRoomDocument(roomId, { name: 'scripted', options: {} });
const [view] = document.views;
if (view === undefined || view.video === false) throw new Error('the default room has a view with video');
const setting = view;
const rules = viewRules(view.video);
let bundled: Promise<string> | undefined;

export interface ScriptedRoomOptions {
  /** Who is there before the page, with a camera that is mixed. */
  readonly others?: readonly string[];
  /** False: as a server that cannot mix. */
  readonly mixes?: boolean;
}

export class ScriptedRoom {
  /** What the page asked to be changed, in short, e.g. `mix s1 common`, `set-region s1 2`, `layout 3`. */
  readonly asked: string[] = [];
  readonly #mixes: boolean;
  readonly #participants = new Map<string, ParticipantInfo>();
  readonly #streams = new Map<string, ForwardStreamInfo>();
  #inputs = noInputs;
  #activeInput = 'unknown';
  #mixers: readonly MixerStats[] = [];
  #seq = 0;
  #sessions = 0;
  #socket: WebSocketRoute | undefined;
  #page: Page | undefined;
  #refuse: string | undefined;

  constructor({ others = [], mixes = true }: ScriptedRoomOptions = {}) {
    this.#mixes = mixes;
    for (const name of others) this.arrive(name);
  }

  /** Everything the page asks from now on is answered here. Call it before the page is opened. */
  async attach(page: Page): Promise<void> {
    this.#page = page;
    bundled ??= bundle();
    await page.addInitScript(await bundled);
    await page.routeWebSocket(/\/signal$/, (socket) => {
      this.#socket = socket;
      socket.onMessage((data) => {
        if (typeof data !== 'string') this.#receive(data);
      });
    });
    await page.route('**/tokens', (route) => route.fulfill({ body: 'token' }));
    await page.route('**/rooms/*/streams/*', async (route) => {
      const stream = route.request().url().split('/').at(-1) ?? '';
      const refused = this.#patch(stream, route.request().postDataJSON() as Patch);
      await (refused === undefined
        ? route.fulfill({ json: {} })
        : route.fulfill({ status: 400, json: { error: { code: 1, message: refused } } }));
    });
  }

  /** Somebody comes, publishes and is mixed; the result is the stream's id. */
  arrive(name: string, kind: 'camera' | 'screen' = 'camera', mixed = true): string {
    const id = idOf(name);
    const participant = { id, user: name, role: 'presenter' };
    if (!this.#participants.has(id)) {
      this.#participants.set(id, participant);
      this.#tell({ type: 'participant-joined', participant });
    }
    const stream = forward(`${id}-${kind}`, id, kind);
    this.#streams.set(stream.id, stream);
    this.#tell({ type: 'stream-added', stream });
    if (mixed && this.#mixes) this.#setMixed(stream.id, true);
    return stream.id;
  }

  leave(name: string): void {
    const participant = idOf(name);
    for (const { id, info } of [...this.#streams.values()])
      if (info.owner === participant) {
        this.#streams.delete(id);
        this.#tell({ type: 'stream-removed', stream: id });
        this.#relayout(leaveStream(this.#inputs, id));
      }
    this.#participants.delete(participant);
    this.#tell({ type: 'participant-left', participant });
  }

  /** Somebody is heard, loudly, from now on. */
  async speak(name: string): Promise<void> {
    this.#activeInput = `${idOf(name)}-camera`;
    const update = { field: 'activeInput', value: this.#activeInput } as const;
    this.#tell({ type: 'stream-updated', stream: this.#mixed().id, update });
    await this.#page?.evaluate('scripted.setLoud(true)');
  }

  setStatus(name: string, kind: 'audio' | 'video', value: 'active' | 'inactive'): void {
    this.#tell({
      type: 'stream-updated',
      stream: `${idOf(name)}-camera`,
      update: { field: `${kind}.status`, value },
    });
  }

  /** The next change of a layout is refused with these words. */
  refuseNext(words: string): void {
    this.#refuse = words;
  }

  /** The mixed picture ends for the page, as when its mixer cannot be made. */
  failMixing(reason: string): void {
    for (let session = 1; session <= this.#sessions; session++)
      this.#tell({ type: 'session-ended', transport: 'session1', session: `session${session}`, reason });
  }

  useMixerStats(mixers: readonly MixerStats[]): void {
    this.#mixers = mixers;
  }

  /** `<region>:<name>` of every place, e.g. `1:Ana 2:`. */
  get layout(): string {
    return viewLayout(rules, this.#inputs)
      .map(({ region, stream }) => `${region.id}:${this.#nameOf(stream)}`)
      .join(' ');
  }

  /** Breaks the connection without a word. */
  async cut(): Promise<void> {
    await this.#socket?.close({ code: 1012, reason: '' });
  }

  #receive(data: Buffer): void {
    const decoded = decode(data) as SignalMessage | readonly SignalMessage[];
    const messages = 'do' in decoded ? [decoded] : decoded;
    const replies = messages.map((message) => {
      const data = this.#answer(message);
      return data instanceof Error
        ? {
            cid: message.cid,
            ok: false as const,
            error: { code: 'bad-request' as const, message: data.message },
          }
        : { cid: message.cid, ok: true as const, data };
    });
    this.#send({ replies });
  }

  #answer(message: SignalMessage): unknown {
    switch (message.do) {
      case 'join':
        this.#participants.set(me.id, me);
        return {
          participant: me,
          permission: { publish: { audio: true, video: true }, subscribe: { audio: true, video: true } },
          room: {
            id: roomId,
            views: this.#mixes ? [setting.label] : [],
            participants: [...this.#participants.values()],
            streams: [...this.#streams.values(), ...(this.#mixes ? [this.#mixed()] : [])],
          },
          ...given,
          keepMs: 60_000,
          epoch: 'epoch',
          iceServers: [],
        } satisfies JoinResult;
      case 'publish': {
        const session = `session${++this.#sessions}`;
        const screen = message.request.media?.tracks.some(({ source }) => source === 'screen-cast') === true;
        const stream = forward(session, me.id, screen ? 'screen' : 'camera');
        this.#ready(session, () => {
          this.#streams.set(session, stream);
          this.#tell({ type: 'stream-added', stream });
        });
        return { id: session, transportId: 'session1', answer: 'scripted' } satisfies SessionReply;
      }
      case 'subscribe': {
        const session = `session${++this.#sessions}`;
        const formats = message.request.media?.tracks.flatMap(({ format }) => format?.codec ?? []) ?? [];
        this.asked.push(['subscribe', ...formats].join(' '));
        this.#ready(session, () => undefined);
        return { id: session, transportId: 'session1', answer: 'scripted' } satisfies SessionReply;
      }
      case 'stream-control': {
        const { id, operation, data } = message.request;
        if (operation === 'mix' || operation === 'unmix') {
          this.asked.push(`${operation} ${this.#nameOf(id)} ${data}`);
          setTimeout(() => this.#setMixed(id, operation === 'mix'));
        } else if (operation === 'set-region') {
          this.asked.push(`set-region ${this.#nameOf(id)} ${data.region}`);
          const refused = this.#change(setRegion(rules, this.#inputs, id, data.region));
          if (refused !== undefined) return new Error(refused);
        }
        return {};
      }
      case 'subscription-control':
        if (message.request.operation === 'update') {
          const parameters = message.request.data.video?.parameters ?? {};
          this.asked.push(`update ${JSON.stringify(parameters)}`);
          const { width, height } = parameters.resolution ?? { width: 640, height: 480 };
          void this.#page?.evaluate(`scripted.resize(${width}, ${height})`);
        }
        return {};
      case 'mixer-stats':
        return this.#mixers;
      case 'resume':
        return { ...given, epoch: 'epoch', lastCid: message.cid, iceServers: [] } satisfies ResumeResult;
      case 'ticket':
        return given;
      default:
        return {};
    }
  }

  /** The refusal's words, or undefined. */
  #patch(stream: string, [operation]: Patch): string | undefined {
    const refused = this.#refuse;
    this.#refuse = undefined;
    if (refused !== undefined) return refused;
    const { path, value } = operation;
    if (path === '/info/inViews') {
      this.asked.push(`take in ${this.#nameOf(stream)}`);
      this.#setMixed(stream, true);
      return undefined;
    }
    const place = /^\/info\/layout\/(\d+)\/stream$/.exec(path)?.[1];
    if (place !== undefined) {
      const region = viewLayout(rules, this.#inputs)[Number(place)]?.region.id ?? '';
      this.asked.push(`place ${place} ${this.#nameOf(String(value))}`);
      return this.#change(setRegion(rules, this.#inputs, String(value), region));
    }
    const read = readLayoutRequest(value, (named) => this.#streams.has(named));
    if (!read.ok) return read.refusal.message;
    this.asked.push(`layout ${read.layout.length}`);
    return this.#change(setLayout(rules, this.#inputs, read.layout));
  }

  #change(change: ViewChange): string | undefined {
    if (!change.ok) return change.refusal.message;
    this.#relayout(change.view);
    return undefined;
  }

  #setMixed(id: string, mixed: boolean): void {
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    const inViews = mixed ? [setting.label] : [];
    const changed = { ...stream, info: { ...stream.info, inViews } };
    this.#streams.set(id, changed);
    this.#tell({ type: 'stream-updated', stream: id, update: { field: '.', value: changed } });
    this.#relayout(
      mixed ? join(rules, this.#inputs, { id: `${id}-0`, stream: id }) : leaveStream(this.#inputs, id),
    );
  }

  #relayout(inputs: typeof noInputs): void {
    this.#inputs = inputs;
    const update = { field: 'video.layout', value: viewLayout(rules, inputs) } as const;
    this.#tell({ type: 'stream-updated', stream: this.#mixed().id, update });
  }

  #mixed(): MixedStreamInfo {
    const layout = viewLayout(rules, this.#inputs);
    return mixedStreamInfo(roomId, document, setting, { activeInput: this.#activeInput, layout });
  }

  #nameOf(stream: string | undefined): string {
    const owner = this.#streams.get(stream ?? '')?.info.owner ?? '';
    const name = this.#participants.get(owner)?.user.split(' ')[0] ?? '';
    return stream?.endsWith('-screen') === true ? `${name}’s-screen` : name;
  }

  #ready(session: string, then: () => void): void {
    setTimeout(() => {
      this.#tell({ type: 'session-ready', transport: 'session1', session });
      then();
    }, 10);
  }

  #tell(...notices: readonly Notice[]): void {
    this.#send({ seq: ++this.#seq, notices });
  }

  #send(frame: ServerFrame): void {
    this.#socket?.send(Buffer.from(encode(frame, { ignoreUndefined: true })));
  }
}

type Patch = readonly [{ readonly op: string; readonly path: string; readonly value: unknown }];

function idOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]/g, '');
}

function forward(id: string, owner: string, kind: 'camera' | 'screen'): ForwardStreamInfo & StreamInfo {
  const screen = kind === 'screen';
  return {
    id,
    type: 'forward',
    media: {
      tracks: [
        ...(screen
          ? []
          : [
              {
                type: 'audio',
                format: { codec: 'opus', sampleRate: 48000, channelNum: 2 },
                optional: {},
                status: 'active',
                source: 'mic',
              } as const,
            ]),
        {
          type: 'video',
          format: { codec: 'vp8' },
          optional: {},
          status: 'active',
          source: screen ? 'screen-cast' : 'camera',
        },
      ],
    },
    info: { owner, type: 'webrtc', inViews: [] },
  };
}

async function bundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [joinPath(root, 'test/e2e/pages/scripted-media.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2023',
  });
  return outputFiles[0]?.text ?? '';
}
