import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TokenClaims } from '../../schemas/management.ts';
import { nodeRandom } from '../platform/node/random.ts';
import { createPortal, type Portal } from '../portal/portal.ts';
import {
  createPortalScene,
  OwtClient,
  owtLogin,
  SignalClient,
  type PortalScene,
} from '../portal/scripted-portal.ts';
import { roomDocument } from '../store/conformance/room-document.ts';
import type { Key } from '../store/key-ring.ts';
import { rotateServerKey } from './server-keys.ts';
import { createTickets } from './ticket.ts';
import { asToken, edited, minted, partsOf, read, signed, tokenKey } from './token-forge.ts';
import { createTokens } from './tokens.ts';

const random = nodeRandom;
let scene: PortalScene;
let portal: Portal;
let key: Key;
let claims: TokenClaims;
let clients: number;

beforeEach(async () => {
  scene = await createPortalScene();
  portal = scene.portal('e1');
  clients = 0;
  const { directory } = scene.ports;
  // The first token makes the key.
  await scene.token();
  key = await tokenKey(directory);
  const service = (await directory.room(scene.room))?.service ?? '';
  const origin = { isp: '', region: '' };
  const issuedAt = scene.clock.now();
  claims = { user: 'ann', role: 'presenter', room: scene.room, service, origin, issuedAt };
});
afterEach(() => scene.close());

const newClient = (at = portal) =>
  new OwtClient(scene, at, `Ann_${String((clients += 1)).padStart(16, '-')}`);
const login = (token: string, at = portal) => newClient(at).ask('login', owtLogin(token));
const userAgent = { sdk: { type: 'test', version: '1' } };

const signature = /^Invalid token signature$/;
const unknown = /^Invalid token$/;
const noJson = /JSON/;
const cut = (text: string, by = 1) => text.slice(0, text.length - by);
/** Still of the right alphabet, hexadecimal or base64. */
const flipped = (text: string) => (text.startsWith('0') ? '1' : '0') + text.slice(1);

/** The token of a case is made from a good one. */
type Case = readonly [what: string, make: (good: string) => string | Promise<string>, text: RegExp];

const texts: readonly Case[] = [
  ['is empty', () => '', noJson],
  ['is not base64', () => '%%%%', noJson],
  ['is a megabyte', () => 'A'.repeat(1_000_000), unknown],
  ['is a megabyte of good JSON', (good) => asToken({ ...read(good), pad: 'x'.repeat(800_000) }), unknown],
  ['is a little too long', (good) => asToken({ ...read(good), pad: 'x'.repeat(7_000) }), unknown],
  ['is deeply nested', () => asToken('['.repeat(3_000) + ']'.repeat(3_000)), signature],
  ['is a number', () => asToken(5), signature],
  ['is null', () => asToken(null), signature],
  ['is a list', (good) => asToken([read(good)]), signature],
  ['is a text', () => asToken('"token"'), signature],
  ['is another’s kind of token', () => 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.', noJson],
  ['is a reconnection ticket', () => ticket(), signature],
  ['is cut in the middle', (good) => good.slice(0, good.length / 2), noJson],
  ['lacks its end', (good) => cut(good.replace(/=+$/, ''), 4), noJson],
];

const wrongTypes: readonly Case[] = (['tokenId', 'host', 'secure', 'signature'] as const).flatMap((field) =>
  [undefined, null, 5, {}, ['a']].map((value): Case => [
    `has ${value === undefined ? 'no' : JSON.stringify(value)} ${field}`,
    (good) => edited(good, { [field]: value }),
    signature,
  ]),
);

const altered: readonly Case[] = [
  ['has a tokenId cut short', (good) => edited(good, { tokenId: cut(read(good).tokenId) }), signature],
  ['has a host cut short', (good) => edited(good, { host: cut(read(good).host) }), signature],
  ['has a signature cut short', (good) => edited(good, { signature: cut(read(good).signature) }), signature],
  ['has no claims', (good) => edited(good, { tokenId: partsOf(good).slice(0, 2).join('.') }), signature],
  ['has the old form of id', (good) => edited(good, { tokenId: partsOf(good)[0] }), signature],
  ['has an empty signature', (good) => edited(good, { signature: '' }), signature],
  [
    'has a signature with a line end',
    (good) => edited(good, { signature: `${read(good).signature}\n` }),
    signature,
  ],
  ['rest-api#18 names another host', (good) => edited(good, { host: 'evil:1' }), signature],
  ['names a WebTransport', (good) => edited(good, { webTransportUrl: 'https://evil/' }), signature],
  ['has another unique part', (good) => withParts(good, [flipped(partsOf(good)[0])]), signature],
  [
    'has altered claims',
    (good) => withParts(good, [undefined, undefined, flipped(partsOf(good)[2])]),
    signature,
  ],
  [
    'has the claims of another token',
    async (good) => withParts(good, [undefined, undefined, partsOf(await scene.token('eve', 'admin'))[2]]),
    signature,
  ],
  [
    'has the id of another token',
    async (good) => edited(good, { tokenId: read(await scene.token('eve')).tokenId }),
    signature,
  ],
  ['names a key there is not', (good) => withParts(good, [undefined, 'ffffffff']), signature],
  ['names the prototype as its key', (good) => withParts(good, [undefined, '__proto__']), signature],
  [
    'names the key of tickets',
    async (good) => {
      const { current } = await scene.ports.directory.keys('ticket', () => 'first');
      return withParts(good, [undefined, current.id]);
    },
    signature,
  ],
];

const forged: readonly Case[] = [
  ['is signed by nobody’s key', (good) => signed(key, read(good).tokenId, 'h:1', 'kkkkkkkk'), signature],
  [
    'is made with a key of that id that is another',
    () => minted({ ...key, secret: 'guessed' }, claims),
    signature,
  ],
  [
    'is signed by the key of tickets',
    async (good) => {
      const { current } = await scene.ports.directory.keys('ticket', () => 'first');
      return signed(current, read(good).tokenId);
    },
    signature,
  ],
  ['rest-api#17 is signed, and known to nobody', () => signed(key, '65f000000000000000000001'), unknown],
  [
    'is signed with claims sealed for another',
    async (good) => signed(key, withPart(good, 2, partsOf(await scene.token())[2])),
    unknown,
  ],
  ['is signed with claims that are none', (good) => signed(key, withPart(good, 2, 'AAAA')), unknown],
  ['has a user that is a number', () => minted(key, { ...claims, user: 5 }), unknown],
  ['has a role that is a list', () => minted(key, { ...claims, role: ['presenter'] }), unknown],
  ['has no room', () => minted(key, { ...claims, room: undefined }), unknown],
  ['has a service that is null', () => minted(key, { ...claims, service: null }), unknown],
  ['has an origin that is a text', () => minted(key, { ...claims, origin: 'here' }), unknown],
  ['has a time that is a text', () => minted(key, { ...claims, issuedAt: String(claims.issuedAt) }), unknown],
  ['has no time', () => minted(key, { ...claims, issuedAt: NaN }), unknown],
  ['rest-api#18 is 180 seconds and one millisecond old', () => later(-180_001), /^Expired$/],
  ['is of 1970', () => minted(key, { ...claims, issuedAt: 0 }), /^Expired$/],
  ['is of the future', () => later(5_001), unknown],
  ['is of the far future', () => minted(key, { ...claims, issuedAt: 9e15 }), unknown],
  ['has a room that never was', () => minted(key, { ...claims, room: 'nowhere' }), /^Joining room failed$/],
  [
    'has a room named as the prototype',
    () => minted(key, { ...claims, room: '__proto__' }),
    /^Joining room failed$/,
  ],
  ['has the room of another service', () => roomOfAnother(), /^Joining room failed$/],
  [
    'has another service for its room',
    () => minted(key, { ...claims, service: 'f'.repeat(24) }),
    /^Joining room failed$/,
  ],
  ['has a role the room has not', () => minted(key, { ...claims, role: 'king' }), /^Invalid role$/],
  [
    'has a role named as the prototype',
    () => minted(key, { ...claims, role: '__proto__' }),
    /^Invalid role$/,
  ],
];

const outlived: readonly Case[] = [
  [
    'is of a key replaced long ago',
    async (good) => {
      await rotateServerKey({ directory: scene.ports.directory, random }, 'token');
      await scene.clock.advance(220_000);
      return good;
    },
    signature,
  ],
  [
    'is made with a key replaced long ago',
    async () => {
      await rotateServerKey({ directory: scene.ports.directory, random }, 'token');
      await scene.clock.advance(220_000);
      return later(0);
    },
    signature,
  ],
  [
    'has a room that is deleted',
    async (good) => {
      await scene.ports.directory.removeRoom(claims.service, claims.room);
      return good;
    },
    /^Joining room failed$/,
  ],
  [
    'has a service that is deleted',
    async (good) => {
      await scene.ports.directory.removeService(claims.service);
      return good;
    },
    /^Joining room failed$/,
  ],
  [
    'has a role that is taken out of the room',
    async (good) => {
      const { directory } = scene.ports;
      const found = await directory.room(claims.room);
      const roles = (found?.room.roles ?? []).map((role) => ({ ...role, role: 'other' }));
      if (found) await directory.updateRoom(claims.service, { ...found.room, roles });
      return good;
    },
    /^Invalid role$/,
  ],
  [
    'was used before',
    async (good) => {
      expect((await login(good))[0]).toBe('ok');
      return good;
    },
    unknown,
  ],
  [
    'was used before and names another protection now',
    async (good) => {
      expect((await login(good))[0]).toBe('ok');
      return edited(good, { secure: true });
    },
    unknown,
  ],
];

const cases = [...texts, ...wrongTypes, ...altered, ...forged, ...outlived];

describe('a token is refused with a text when it', () => {
  it('is one of at least 80 kinds', () => {
    expect(cases.length).toBeGreaterThanOrEqual(80);
  });

  it.each(cases)('%s', async (_, make, text) => {
    const token = await make(await scene.token());
    const before = portal.counts.sessions;
    const client = newClient();
    const [status, said] = await client.ask('login', owtLogin(token));
    expect(status).toBe('error');
    expect(said).toMatch(text);
    expect(client.ended).toBe('disconnect');
    expect(portal.counts.sessions).toBe(before);
    expect(scene.lines.join()).not.toContain('request failed');
  });

  it.each(cases.filter(([what]) => !/used before|megabyte/.test(what)))(
    '%s, by our own protocol too',
    async (_, make, text) => {
      const token = await make(await scene.token());
      const client = new SignalClient(scene, portal);
      const reply = await client.ask({ do: 'join', token, userAgent });
      // Its frames are checked for length before.
      const tooLong = token.length > 8192;
      expect(reply).toMatchObject({
        ok: false,
        error: { message: expect.stringMatching(tooLong ? /length/ : text) as string },
      });
      expect(portal.counts.sessions).toBe(0);
    },
  );
});

describe('a token is good', () => {
  it('rest-api#18 whatever is edited that is not signed', async () => {
    expect((await login(edited(await scene.token(), { secure: true, more: { any: 1 } })))[0]).toBe('ok');
    const withPrototype = cut(JSON.stringify(read(await scene.token()))) + ',"__proto__":{"secure":true}}';
    expect((await login(asToken(withPrototype)))[0]).toBe('ok');
    expect(Object.hasOwn(Object.prototype, 'secure')).toBe(false);
  });

  it('to its last millisecond, and from an edge whose clock is a little ahead', async () => {
    for (const ms of [-180_000, 0, 5_000]) expect((await login(await later(ms)))[0]).toBe('ok');
  });

  it('over a change of keys', async () => {
    const before = await scene.token();
    await rotateServerKey({ directory: scene.ports.directory, random }, 'token');
    await scene.clock.advance(60_000);
    const after = await scene.token();
    expect(partsOf(after)[1]).not.toBe(partsOf(before)[1]);
    for (const token of [before, after]) expect((await login(token))[0]).toBe('ok');
  });

  it('without the store, as far as it says who comes', async () => {
    const { clock, ports } = scene;
    const away = () => Promise.reject(new Error('the store is away'));
    const directory = { ...ports.directory };
    const tokens = createTokens({
      ...ports,
      directory,
      clock,
      random,
      address: () => ({ host: 'h:1', secure: true }),
    });
    await tokens.verify(await scene.token());
    directory.keys = away;
    directory.room = away;
    expect(await tokens.verify(await scene.token('ann'))).toEqual({ ...claims, user: 'ann' });
  });
});

describe('a token is used up', () => {
  it('rest-api#18 by one of 64 clients that come at once, at any edge; all are answered', async () => {
    const other = scene.portal('e2');
    const token = await scene.token();
    const comers = Array.from({ length: 64 }, (_, n) => newClient(n % 2 === 0 ? portal : other));
    const answers = await Promise.all(comers.map((client) => client.ask('login', owtLogin(token))));
    const winners = answers.filter(([status]) => status === 'ok');
    const losers = answers.filter(([status]) => status === 'error');
    expect([winners.length, losers.length]).toEqual([1, 63]);
    expect(new Set(losers.map(([, said]) => said))).toEqual(new Set(['Invalid token']));
    expect(comers.filter(({ ended }) => ended === 'disconnect')).toHaveLength(63);
    expect(portal.counts.sessions + other.counts.sessions).toBe(1);
  });

  it('by 64 clients with 64 edited forms of it no more often', async () => {
    const token = await scene.token();
    const forms = Array.from({ length: 64 }, (_, n) => edited(token, { secure: n % 2 === 0, n }));
    const answers = await Promise.all(forms.map((form) => login(form)));
    expect(answers.filter(([status]) => status === 'ok')).toHaveLength(1);
  });

  it('by a join that is refused: the lookup comes first', async () => {
    const { directory } = scene.ports;
    const found = await directory.room(scene.room);
    if (found) await directory.updateRoom(claims.service, { ...found.room, participantLimit: 1 });
    const first = newClient();
    expect((await first.ask('login', owtLogin(await scene.token())))[0]).toBe('ok');
    const token = await scene.token();
    expect(await login(token)).toEqual(['error', 'Room is full']);
    await first.ask('logout');
    expect(await login(token)).toEqual(['error', 'Invalid token']);
    expect((await login(await scene.token()))[0]).toBe('ok');
  });

  it('by nothing that is found out before', async () => {
    const token = await scene.token();
    for (const bad of [edited(token, { host: 'evil:1' }), edited(token, { signature: '' })])
      expect((await login(bad))[0]).toBe('error');
    expect((await login(token))[0]).toBe('ok');
  });
});

describe('a token for another region', () => {
  const origin = { isp: 'telecom', region: 'eu' };
  function pinned(edge: string, region: string): Portal {
    const { clock, ports, lines } = scene;
    const tokens = createTokens({
      ...ports,
      clock,
      random,
      address: () => ({ host: 'h:1', secure: false }),
      serves: (wanted) => wanted.region === region,
    });
    const tickets = createTickets({ directory: ports.directory, clock, random });
    const log = { info() {}, warn() {}, error: (message: string) => void lines.push(message) };
    const rooms = scene.edge(edge);
    return createPortal({ rooms, bus: ports.bus, tokens, tickets, clock, random, log, edge });
  }

  it('is good at any portal, unless that is strict; then the right one still takes it', async () => {
    expect((await login(await minted(key, { ...claims, origin })))[0]).toBe('ok');
    const token = await minted(key, { ...claims, origin });
    const asia = pinned('e3', 'asia');
    for (let times = 0; times < 2; times += 1)
      expect(await login(token, asia)).toEqual(['error', 'Token is for another region']);
    const europe = pinned('e4', 'eu');
    expect((await login(token, europe))[0]).toBe('ok');
    await asia.close();
    await europe.close();
  });

  it('brings its preference into the room', async () => {
    const client = newClient();
    await client.ask('login', owtLogin(await minted(key, { ...claims, origin })));
    const [participant] = scene.live().state.participants.values();
    expect(participant?.origin).toEqual(origin);
  });
});

function later(ms: number): Promise<string> {
  return minted(key, { ...claims, issuedAt: scene.clock.now() + ms });
}

function withPart(token: string, index: 0 | 1 | 2, part: string): string {
  return partsOf(token)
    .map((each, at) => (at === index ? part : each))
    .join('.');
}

function withParts(token: string, parts: readonly (string | undefined)[]): string {
  return edited(token, {
    tokenId: partsOf(token)
      .map((each, at) => parts[at] ?? each)
      .join('.'),
  });
}

async function ticket(): Promise<string> {
  const tickets = createTickets({ directory: scene.ports.directory, clock: scene.clock, random });
  return tickets.issue({ participant: 'p', room: scene.room });
}

async function roomOfAnother(): Promise<string> {
  const { directory } = scene.ports;
  const other = await directory.createService({ _id: '', name: 'other', key: 'k', encrypted: false });
  const room = await directory.createRoom(other._id, roomDocument('theirs'));
  return minted(key, { ...claims, room: room._id });
}
