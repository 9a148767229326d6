import { describe, expect, it } from 'vitest';
import { ScriptedRoom } from '../rooms/scripted-room.ts';
import { roomView } from '../rooms/stream-info.ts';
import { webApp } from '../web/routes.ts';
import { ScriptedServer, seededRandom } from './scripted-server.ts';

const seed = Number(process.env.FUZZ_SEED ?? 20_261_121);
const rounds = 1500;
const patches = 500;

/** Texts and values that break things. */
const odd = [
  '',
  ' ',
  ',',
  '=',
  '"',
  '\\',
  '{',
  '[',
  '}',
  'null',
  '__proto__',
  'constructor',
  '-1',
  '1e999',
  'é',
  '%',
  '%2F',
  '../',
  '%00',
  '0',
  'MAuth',
  'admin',
  'x'.repeat(5000),
];
const words = [
  'rooms',
  'participants',
  'streams',
  'streaming-ins',
  'streaming-outs',
  'recordings',
  'sipcalls',
  'analytics',
  'mixers',
  'tokens',
  'services',
  'nowhere',
];
const fields = [
  'name',
  'options',
  'views',
  'label',
  'audio',
  'video',
  'format',
  'codec',
  'parameters',
  'resolution',
  'layout',
  'templates',
  'custom',
  'region',
  'area',
  'left',
  'roles',
  'mediaOut',
  'sip',
  'password',
  'user',
  'role',
  'preference',
  'op',
  'path',
  'value',
  'key',
  'id',
  '_id',
  '__proto__',
];

function chooser() {
  const { bytes } = seededRandom(seed);
  const below = (n: number) => {
    const [a = 0, b = 0] = bytes(2);
    return (a * 256 + b) % n;
  };
  const pick = <T>(from: readonly T[]): T => from[below(from.length)] as T;
  const value = (depth: number): unknown => {
    const kind = below(depth > 0 ? 7 : 5);
    if (kind === 0) return null;
    if (kind === 1) return below(2) === 0;
    if (kind === 2) return pick([0, -1, 1.5, 1e300, 257, 24]);
    if (kind <= 4)
      return pick([
        ...odd,
        'vp8',
        'opus',
        'add',
        'replace',
        'presenter',
        '/media/audio/status',
        '/info/inViews',
        '/info/layout',
        '/info/layout/0/stream',
      ]);
    const length = below(4);
    if (kind === 5) return Array.from({ length }, () => value(depth - 1));
    return Object.fromEntries(Array.from({ length }, () => [pick(fields), value(depth - 1)]));
  };
  return { below, pick, value };
}

/** The sample's own interface: the same resources without signatures. */
function sampleApp(server: ScriptedServer) {
  const { audit, sampleRoom } = server;
  const { directory, rooms, tokens, clock, random, log } = server;
  const assets = { get: () => undefined };
  const service = server.sampleService._id;
  const { jobs, portalFor } = server.deps;
  return webApp({
    ...{ portalFor, directory, jobs, rooms, tokens, clock, random, log, audit },
    ...{ assets, service, sampleRoom },
  });
}

// Much is tried: on a crowded machine it takes its time.
describe(`fuzz, seed ${String(seed)}`, { timeout: 60_000 }, () => {
  it('no Authorization header is let in or brings anything down', async () => {
    const server = await ScriptedServer.start();
    const { below, pick } = chooser();
    for (let i = 0; i < rounds; i++) {
      const good = await server.header(server.sampleService, { user: 'u', role: 'viewer' });
      const at = below(good.length);
      const mutated = pick([
        () => good.slice(0, at) + pick(odd) + good.slice(at + 1 + below(9)),
        () =>
          good
            .split(',')
            .map((part) => (below(3) === 0 ? pick(odd) : part))
            .join(','),
        () =>
          Array.from({ length: below(20) }, () =>
            pick([...odd, 'mauth_serviceid=', ...good.split(',')]),
          ).join(pick([',', ' ', '='])),
      ])();
      const authorization = mutated.replace(/[^\x20-\x7e\xa0-\xff]/g, '');
      const reply = await server.send('/v1/rooms', { headers: { authorization } });
      // Only what the signature does not cover may have changed: then the header is still a good one.
      const untouched = /mauth_signature=([^,]*)/.exec(good)?.[1] ?? '';
      if (reply.status === 200) expect(authorization).toContain(untouched);
      else expect(reply.status, authorization).toBe(401);
    }
    expect(server.errors).toEqual([]);
  });

  it('no body or path gets a reply the specification does not know', async () => {
    const server = await ScriptedServer.start();
    const { sampleRoom } = server;
    const web = sampleApp(server);
    server.goLive(ScriptedRoom.mixing()).join('alice').stream('alice', 's1');
    const { below, pick, value } = chooser();
    const replies = new Map<number, number>();
    for (let i = 0; i < rounds; i++) {
      const service = pick([server.sampleService, server.sampleService, server.superService]);
      const app = pick([server.app, server.app, web]);
      const prefix = app === web ? '' : pick(['/v1', '/v1.1', '']);
      const room = pick([
        sampleRoom,
        sampleRoom,
        sampleRoom,
        encodeURIComponent(pick(odd)),
        pick(odd.slice(14, 19)),
      ]);
      const tail = pick([
        '',
        `/${pick(words)}`,
        `/${pick(words)}/${pick(['s1', 'alice', ...odd].map(encodeURIComponent))}`,
      ]);
      const path = pick([
        `${prefix}/rooms/${room}${tail}`,
        `${prefix}/rooms/${room}${tail}`,
        `${prefix}/rooms`,
        '/services',
        `/services/${service._id}/audit?since=${encodeURIComponent(pick(odd))}&limit=${encodeURIComponent(pick(odd))}`,
        `/cluster/${pick(['nodes', 'rooms', 'nodes/0/config', `nodes/${encodeURIComponent(pick(odd))}`])}`,
        '/tokens',
        '/createToken',
      ]);
      // The room and alice should last: what they allow is the most interesting.
      const method = pick(['GET', 'POST', 'PUT', 'PATCH', below(20) === 0 ? 'DELETE' : 'PATCH']);
      const keeps = method === 'DELETE' && (tail === '' || path.startsWith('/services'));
      const text = pick([
        JSON.stringify(value(5)),
        JSON.stringify(value(5)),
        JSON.stringify(value(5)).slice(below(20)),
        pick(odd),
      ]);
      const headers = {
        authorization: await server.header(service),
        'content-type': pick([
          'application/json',
          'application/json',
          'text/plain',
          'application/x-www-form-urlencoded',
          'x',
        ]),
      };
      const init = method === 'GET' || keeps ? { headers } : { method, headers, body: text };
      const reply = await server.send(path, init, app);
      const context = `${method} ${path} ${text} -> ${reply.text}`;
      replies.set(reply.status, (replies.get(reply.status) ?? 0) + 1);
      expect([200, 400, 401, 403, 404, 500], context).toContain(reply.status);
      if (reply.status === 200) continue;
      expect(reply.json, context).toMatchObject({ error: { message: expect.any(String) as string } });
      if (reply.status === 500) {
        const { code, message } = (reply.json as { error: { code: number; message: string } }).error;
        expect([1301, 2001], context).toContain(code);
        if (code === 2001) expect(message, context).toBe('Not implemented');
      }
    }
    expect(server.errors).toEqual([]);
    for (const status of [200, 400, 403, 404, 500])
      expect(replies.get(status), String(status)).toBeGreaterThan(10);
  });

  it('no PATCH of a stream leaves a view that makes no sense', async () => {
    const server = await ScriptedServer.start();
    const labels = ['common', 'wide', 'sound'];
    const views = [
      { video: { maxInput: 3 } },
      { label: 'wide', video: { layout: { templates: { base: 'lecture' } } } },
      { label: 'sound', video: false },
    ];
    const room = ScriptedRoom.mixing({ views });
    server.goLive(room).join('alice');
    const forward = ['s1', 's2', 's3', 's4', 's5'];
    for (const stream of forward) room.stream('alice', stream, stream === 's5' ? ['audio'] : undefined);
    const mixed = labels.map((label) => `${room.state.id}-${label}`);
    const { below, pick, value } = chooser();

    /** Mostly `good`, sometimes something else. */
    const mostly = (good: unknown): unknown => (below(12) === 0 ? pick([value(2), pick(odd)]) : good);
    const share = () => mostly(pick(['0', '1', '0/1', '1/2', '1/3', '2/3', '1/1', '667/1000']));
    const area = () => ({ left: share(), top: share(), width: share(), height: share() });
    const entry = (id: string, stream: string | undefined) => ({
      ...(stream === undefined ? {} : { stream: mostly(stream) }),
      region: mostly({ id: mostly(id), shape: 'rectangle', area: area() }),
    });
    const layout = () => {
      const count = 1 + below(5);
      const named = forward.filter(() => below(3) === 0).slice(0, count);
      return Array.from({ length: count }, (_, index) => entry(String(index + 1), named[index]));
    };
    const operation = (): unknown => {
      const [op, path, wanted] = pick<() => readonly [string, string, unknown]>([
        () => [pick(['add', 'add', 'remove']), '/info/inViews', pick(labels)],
        () => ['replace', `/media/${pick(['audio', 'video'])}/status`, pick(['active', 'inactive'])],
        () => ['replace', '/info/layout', layout()],
        () => ['replace', `/info/layout/${below(6)}/stream`, pick(forward)],
      ])();
      return mostly({ op: mostly(op), path: mostly(path), value: mostly(wanted) });
    };

    const app = sampleApp(server);
    const headers = { 'content-type': 'application/json' };
    const replies = new Map<number, number>();
    for (let i = 0; i < patches; i++) {
      const stream = pick([...forward, ...mixed, ...mixed]);
      const body = Array.from({ length: 1 + below(3) }, operation);
      const path = `/rooms/${server.sampleRoom}/streams/${stream}`;
      const reply = await server.send(path, { method: 'PATCH', headers, body: JSON.stringify(body) }, app);
      const context = `${stream} ${JSON.stringify(body)} -> ${reply.text}`;
      replies.set(reply.status, (replies.get(reply.status) ?? 0) + 1);
      expect([200, 400, 500], context).toContain(reply.status);
      if (reply.status === 500) expect(reply.json, context).toMatchObject({ error: { code: 1301 } });

      const { streams } = roomView(room.state);
      const inView = (label: string) =>
        streams.filter(({ info }) => 'inViews' in info && info.inViews.includes(label)).map(({ id }) => id);
      for (const each of streams) {
        if (each.type === 'forward') {
          const { inViews } = each.info;
          expect(new Set(inViews).size, context).toBe(inViews.length);
          expect(
            inViews.every((label) => labels.includes(label)),
            context,
          ).toBe(true);
          continue;
        }
        const { label } = each.info;
        const shown = each.info.layout.flatMap((place) => place.stream ?? []);
        const regions = each.info.layout.map(({ region }) => region.id);
        expect(new Set(shown).size, context).toBe(shown.length);
        expect(new Set(regions).size, context).toBe(regions.length);
        expect(inView(label), context).toEqual(expect.arrayContaining(shown));
        for (const { region } of each.info.layout)
          for (const side of Object.values(region.area)) expect(side, context).toMatch(/^\d+\/\d+$/);
      }
    }
    expect(server.errors).toEqual([]);
    for (const status of [200, 400, 500])
      expect(replies.get(status), String(status)).toBeGreaterThan(patches / 20);
  });
});
