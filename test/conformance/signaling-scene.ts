// Owns the setting of the sweep over signaling: two rooms on one edge, somebody whose things are wanted, and everybody who
// may not touch them, each over either gateway.
import { newRoomDocument } from '../../edge/management/room-document.ts';
import { nodeRandom } from '../../edge/platform/node/random.ts';
import {
  createMixingScene,
  micAndCamera,
  OwtClient,
  owtLogin,
  SignalClient,
  type PortalScene,
} from '../../edge/portal/scripted-portal.ts';
import type { Portal } from '../../edge/portal/portal.ts';
import { createTokens } from '../../edge/tokens/tokens.ts';
import type { SignalMessage } from '../../schemas/signal.ts';

export type Ask = SignalMessage extends infer M ? (M extends SignalMessage ? Omit<M, 'cid'> : never) : never;

/** What was wanted of whom: ids of things that belong to `ann`. */
export interface Target {
  readonly participant: string;
  readonly stream: string;
  /** A track of the stream. */
  readonly track: string;
  /** Of the stream's publication. */
  readonly transport: string;
  readonly subscription: string;
  readonly mixed: string;
  /** A token and a ticket that were good once; a ticket that nobody was given. */
  readonly spentToken: string;
  readonly forgedToken: string;
  readonly forgedTicket: string;
}

/**
 * `mallory` may publish, as `ann` may; `vera` may only watch, `lena` only without sound; `otto` may publish in another
 * room; `nobody` has not joined.
 */
export const intruders = ['nobody', 'mallory', 'vera', 'lena', 'otto'] as const;
export type Intruder = (typeof intruders)[number];

const roles = {
  ann: 'presenter',
  mallory: 'presenter',
  vera: 'viewer',
  lena: 'video_only_viewer',
  otto: 'presenter',
} as const;

export const gateways = ['sluice.1', 'socket.io'] as const;
export type Gateway = (typeof gateways)[number];

/** The text of a refusal; undefined when it was done. */
export type Outcome = string | undefined;

interface Client {
  ask(request: Ask): Promise<Outcome>;
  /** How much it was told of its own accord. */
  readonly told: number;
}

export interface SignalingScene {
  readonly target: Target;
  ask(who: Intruder | 'ann', request: Ask): Promise<Outcome>;
  /** Of both rooms, of what their worker was asked, and of what `ann` was told: as a text. */
  state(): Promise<string>;
  close(): Promise<void>;
}

/** The OWT form of a request; undefined where that protocol has none. */
export function owtForm(request: Ask): readonly [event: string, data?: unknown] | undefined {
  switch (request.do) {
    case 'join':
      return ['login', owtLogin(request.token)];
    case 'resume':
      return ['relogin', request.ticket];
    case 'ticket':
      return ['refreshReconnectionTicket'];
    case 'leave':
      return ['logout'];
    case 'signal':
      return ['soac', { id: request.transport, signaling: request.signaling }];
    case 'stats':
    case 'mixer-stats':
    case 'ice-servers':
      return undefined;
    default:
      return [request.do, request.request];
  }
}

const comingBackMs = 5_000;
const userAgent = { sdk: { type: 'test', version: '1' } };

export async function createSignalingScene(gateway: Gateway): Promise<SignalingScene> {
  const scene = await createMixingScene();
  const { clock, lines: _, ports, room } = scene;
  const { directory, once } = ports;
  const portal = scene.portal('e1');
  const address = () => ({ host: 'h:1', secure: false });
  const tokens = createTokens({ directory, once, clock, random: nodeRandom, address });
  const service = (await directory.room(room))?.service ?? '';
  const elsewhere = await directory.createRoom(service, newRoomDocument('', { name: 'elsewhere' }));
  const tokenOf = (who: keyof typeof roles) =>
    tokens.issue({
      user: who,
      role: roles[who],
      room: who === 'otto' ? elsewhere._id : room,
      service,
      origin: { isp: '', region: '' },
    });

  async function joined(who: keyof typeof roles): Promise<Client> {
    const client = connected(gateway, scene, portal, who);
    const refusal = await client.ask({ do: 'join', token: await tokenOf(who), userAgent });
    if (refusal !== undefined) throw new Error(`${who} does not join: ${refusal}`);
    return client;
  }

  const spentToken = await tokenOf('ann');
  const clients = { ann: connected(gateway, scene, portal, 'ann') };
  await clients.ann.ask({ do: 'join', token: spentToken, userAgent });
  const others = new Map<string, Client>();
  for (const who of ['mallory', 'vera', 'lena', 'otto'] as const) others.set(who, await joined(who));

  const live = scene.live();
  async function done(request: Ask): Promise<void> {
    const refusal = await clients.ann.ask(request);
    if (refusal !== undefined) throw new Error(`${request.do}: ${refusal}`);
  }
  await done({ do: 'publish', request: { media: micAndCamera } });
  const [stream = ''] = live.state.streams.keys();
  await done({ do: 'stream-control', request: { id: stream, operation: 'mix', data: 'common' } });
  const media = { tracks: [{ type: 'video' as const, mid: '0', from: `${room}-common` }] };
  await done({ do: 'subscribe', request: { media } });
  const [subscription = ''] = live.state.subscriptions.keys();
  const found = live.state.streams.get(stream);

  let strangers = 0;
  return {
    target: {
      participant: found?.owner ?? '',
      stream,
      track: found?.tracks[0]?.id ?? '',
      transport: found?.transport ?? '',
      subscription,
      mixed: `${room}-common`,
      spentToken,
      forgedToken: `${spentToken.slice(0, -8)}AAAAAAA=`,
      forgedTicket: btoa(JSON.stringify({ participantId: found?.owner, signature: 'AAAA' })),
    },
    ask(who, request) {
      if (who === 'ann') return clients.ann.ask(request);
      const other = others.get(who);
      if (other !== undefined) return other.ask(request);
      strangers += 1;
      const answered = connected(gateway, scene, portal, `stranger-${strangers}`).ask(request);
      // What somebody asks who may still come back waits for that a while.
      return clock.advance(comingBackMs).then(() => answered);
    },
    async state() {
      await scene.rest();
      const rooms = [scene.live(), scene.live('e1', elsewhere._id)].map(({ state }) => state);
      const { documents, signals } = scene.media;
      const asked = [documents.length, signals.length];
      return JSON.stringify({ rooms, asked, told: clients.ann.told, sessions: portal.counts.sessions }, flat);
    },
    close: () => scene.close(),
  };
}

function connected(gateway: Gateway, scene: PortalScene, portal: Portal, id: string): Client {
  if (gateway === 'sluice.1') {
    const client = new SignalClient(scene, portal);
    return {
      async ask(request) {
        const reply = await client.ask(request);
        return reply.ok ? undefined : reply.error.message;
      },
      get told() {
        return client.notices.length;
      },
    };
  }
  const client = new OwtClient(scene, portal, id);
  return {
    async ask(request) {
      const form = owtForm(request);
      if (form === undefined) return 'no such event';
      const [status, text] = await client.ask(...form);
      return status === 'ok' ? undefined : String(text);
    },
    get told() {
      return client.emitted.length;
    },
  };
}

/** Maps as their entries. */
function flat(_: string, value: unknown): unknown {
  return isIterable(value) ? [...value] : value;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}
