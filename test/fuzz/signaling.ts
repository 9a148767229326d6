// Owns the fuzz targets for signaling: both gateways on a live room, fed with messages that are almost right, wrong
// inside or no messages at all. What they promise: nothing thrown, every answer well-formed, others unharmed.
import { encode } from '@msgpack/msgpack';
import type { Portal } from '../../edge/portal/portal.ts';
import {
  createMixingScene,
  OwtClient,
  owtLogin,
  SignalClient,
  until,
  type PortalScene,
} from '../../edge/portal/scripted-portal.ts';
import { limits } from '../../schemas/request.ts';
import { hostileBytes, integer, must } from './hostile-bytes.ts';
import { pick, requests, spoil } from './hostile-requests.ts';
import type { FuzzTarget } from './target.ts';

type Random = () => number;

interface Setting {
  readonly scene: PortalScene;
  readonly portal: Portal;
  readonly random: Random;
  /** Ids of sessions that exist or did. */
  readonly ids: string[];
}

async function withScene(random: Random, use: (setting: Setting) => Promise<void>): Promise<void> {
  const scene = await createMixingScene();
  const portal = scene.portal('e1', { requestsPerSecond: 1e6, requestBurst: 1e6 });
  try {
    await use({ scene, portal, random, ids: ['nothing'] });
    await portal.close();
    must(portal.counts.connections === 0 && portal.counts.sessions === 0, 'nothing is left behind');
    const internal = scene.lines.filter((line) => line.includes('request failed'));
    must(internal.length === 0, `no request ends in an internal error: ${internal[0] ?? ''}`);
  } finally {
    await scene.close();
  }
}

/** Somebody else in the room still hears and is answered. */
async function unharmed({ scene, portal }: Setting): Promise<void> {
  const witness = await SignalClient.joined(scene, portal, 'witness');
  await witness.data({ do: 'text', request: { to: 'all', message: 'still here' } });
  await witness.data({ do: 'leave' });
}

function collect(ids: string[], data: unknown): void {
  if (typeof data !== 'object' || data === null || !('id' in data) || typeof data.id !== 'string') return;
  ids.push(data.id);
  if (ids.length > 20) ids.shift();
}

async function attackSignal(setting: Setting, iterations: number): Promise<void> {
  const { scene, portal, random, ids } = setting;
  let client = await SignalClient.joined(scene, portal, 'attacker');
  const clients = [client];
  for (let round = 0; round < iterations; round++) {
    if (client.closed !== undefined || random() < 0.02) {
      if (client.closed === undefined) client.lose();
      client =
        random() < 0.7
          ? await SignalClient.joined(scene, portal, 'attacker')
          : new SignalClient(scene, portal);
      clients.push(client);
    }
    client.raw(signalFrame(setting, round));
    if (random() < 0.3) await scene.rest();
  }
  await scene.rest();
  for (const each of clients) {
    for (const reply of each.replies) {
      must(Number.isSafeInteger(reply.cid), 'a reply names its message');
      if (reply.ok) collect(ids, reply.data);
      else must(typeof reply.error.message === 'string', 'a refusal has a text');
    }
  }
}

function signalFrame({ scene, random, ids }: Setting, cid: number): Uint8Array | string {
  const style = random();
  if (style < 0.02) return 'text frame';
  const message = (): unknown => {
    const [event, data] = pick(random, requests);
    const odds = pick(random, [0, 0, 0.02, 0.1, 0.3]);
    const body =
      event === 'soac'
        ? { do: 'signal', transport: 'ID', ...(typeof data === 'object' ? data : {}) }
        : { do: event, request: data, offer: 'v=0' };
    const whole = pick(random, [
      body,
      body,
      { do: 'join', token: 'x', userAgent: { sdk: { type: 'a', version: 'b' } } },
      { do: 'resume', ticket: 'e30=', seq: 3, epoch: 'x' },
      { do: 'stats', transport: 'ID' },
      { do: 'mixer-stats' },
      { do: 'ticket' },
    ]);
    const named = { ID: pick(random, ids), MIXED: `${scene.room}-common` };
    return spoil(random, { ...whole, cid: cid + 2 }, odds, named);
  };
  const value = style < 0.8 ? message() : Array.from({ length: integer(random, 260) }, message);
  const bytes = encode(value, { ignoreUndefined: random() < 0.5 });
  if (style > 0.97) return new Uint8Array(limits.messageBytes + integer(random, 3));
  return style > 0.9 || (style > 0.7 && style < 0.8)
    ? hostileBytes(random, [...bytes.subarray(0, 2000)], 20)
    : bytes;
}

async function attackOwt(setting: Setting, iterations: number): Promise<void> {
  const { scene, portal, random, ids } = setting;
  let number = 0;
  const socketId = () => `fuzz_socket_${String(++number).padStart(8, '0')}`;
  let client = await OwtClient.joined(scene, portal, socketId());
  /** What the present client waits for; nobody answers a socket that is gone. */
  let owed = new Set<number>();
  for (let round = 0; round < iterations; round++) {
    if (client.ended !== undefined || random() < 0.02) {
      if (client.ended === undefined) client.lose();
      client =
        random() < 0.7
          ? await OwtClient.joined(scene, portal, socketId())
          : new OwtClient(scene, portal, socketId());
      owed = new Set();
    }
    const login = owtLogin('x');
    const other = pick<readonly [string, unknown]>(random, [
      ['login', login],
      ['relogin', 'e30='],
      ['refreshReconnectionTicket', undefined],
      ['nothing', {}],
      ['__proto__', {}],
      ['logout', undefined],
    ]);
    const [event, data] = random() < 0.85 ? pick(random, requests) : other;
    const named = { ID: pick(random, ids), MIXED: `${scene.room}-common` };
    const spoiled = spoil(random, data, pick(random, [0, 0, 0.02, 0.1, 0.3]), named);
    let acks = 0;
    const asked = owed;
    const ack = (...args: unknown[]) => {
      asked.delete(round);
      must(++acks === 1, 'one acknowledgement');
      const [status, result] = args;
      must(
        status === 'ok' || (status === 'error' && typeof result === 'string'),
        'an acknowledgement of the protocol',
      );
      collect(ids, result);
    };
    const args: unknown[] = spoiled === undefined ? [] : [spoiled];
    if (random() < 0.9) {
      args.push(ack);
      owed.add(round);
    }
    if (random() < 0.05) args.unshift(pick(random, [new Uint8Array(3), Symbol('x'), () => undefined, 1n]));
    client.send(event, ...args);
    if (random() < 0.3) await scene.rest();
    for (const { data: sent } of client.emitted.splice(0)) JSON.stringify(sent);
  }
  // What came before a login waits for one, for a time that passes here only.
  await scene.clock.advance(1_000);
  await until(() => client.ended !== undefined || owed.size === 0, 'acknowledgements');
}

export const signalFuzz: FuzzTarget = {
  name: 'signal',
  run: (random, iterations) =>
    withScene(random, async (setting) => {
      await attackSignal(setting, iterations);
      await unharmed(setting);
    }),
};

export const owtFuzz: FuzzTarget = {
  name: 'owt',
  run: (random, iterations) =>
    withScene(random, async (setting) => {
      await attackOwt(setting, iterations);
      await unharmed(setting);
    }),
};
