import { encode } from '@msgpack/msgpack';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { closeCodes } from '../../../schemas/signal.ts';
import type { Portal } from '../portal.ts';
import { createPortalScene, SignalClient, type PortalScene } from '../scripted-portal.ts';

let scene: PortalScene;
let portal: Portal;
beforeEach(async () => {
  scene = await createPortalScene();
  portal = scene.portal('e1');
});
afterEach(() => scene.close());

const userAgent = { sdk: { type: 'test', version: '1' } };

it.each<[string, Uint8Array | string, RegExp]>([
  ['a text frame', '{"do":"leave"}', /^Text frames are not accepted/],
  ['bytes that are no MessagePack', Uint8Array.from([0xc1, 2, 3]), /^Not a frame: type not allowed/],
  ['a message without cid', encode({ do: 'leave' }), /^request\.cid /],
  ['a message with a cid that is none', encode({ do: 'leave', cid: 'one' }), /^request\.cid /],
  ['a number', encode(7), /^request /],
])('closes on %s', async (_, frame, reason) => {
  const client = await SignalClient.joined(scene, portal);
  client.raw(frame);
  expect(client.closed?.code).toBe(closeCodes.badMessage);
  expect(client.closed?.reason).toMatch(reason);
  // Nothing is read of it afterwards.
  client.raw(encode({ do: 'leave', cid: 9 }));
  await scene.rest();
  expect(client.replies).toHaveLength(1);
});

it.each<[string, object, RegExp]>([
  ['an unknown wish', { do: 'dance' }, /^request\.do /],
  [
    'an unknown field where the form is strict',
    { do: 'publish', request: { media: null, x: 1 } },
    /^request\.request\.x /,
  ],
  [
    'a text too long',
    { do: 'text', request: { to: 'all', message: 'x'.repeat(2049) } },
    /^request\.request\.message /,
  ],
  ['an empty id', { do: 'unpublish', request: { id: '' } }, /^request\.request\.id /],
])('answers %s with an error and goes on', async (_, body, message) => {
  const client = await SignalClient.joined(scene, portal);
  client.raw(encode({ ...body, cid: 2 }));
  await scene.rest();
  expect(client.replies.at(-1)).toMatchObject({ cid: 2, ok: false, error: { code: 'bad-request' } });
  const reply = client.replies.at(-1);
  expect(reply?.ok === false ? reply.error.message : '').toMatch(message);
  expect(client.closed).toBeUndefined();
});

it('takes several messages of one frame, good and bad ones', async () => {
  const client = await SignalClient.joined(scene, portal);
  const text = { do: 'text', request: { to: 'all', message: 'hi' } };
  client.raw(
    encode([
      { ...text, cid: 2 },
      { do: 'text', cid: 3 },
      { ...text, cid: 4 },
    ]),
  );
  await scene.rest();
  expect(client.replies.slice(1).map(({ cid, ok }) => [cid, ok])).toEqual([
    [3, false],
    [2, true],
    [4, true],
  ]);
});

it('answers everything before a join as unauthenticated, and stays open for it', async () => {
  const client = new SignalClient(scene, portal);
  expect(await client.ask({ do: 'leave' })).toMatchObject({ ok: false, error: { code: 'unauthenticated' } });
  await client.data({ do: 'join', token: await scene.token(), userAgent });
  expect(await client.ask({ do: 'join', token: 'x', userAgent })).toMatchObject({
    ok: false,
    error: { message: 'Connection is in service' },
  });
  expect(client.closed).toBeUndefined();
});

it.each<[string, () => Promise<string>]>([
  ['a token that is garbage', async () => 'garbage'],
  [
    'a token used before',
    async () => {
      const token = await scene.token();
      await new SignalClient(scene, portal).data({ do: 'join', token, userAgent });
      return token;
    },
  ],
])('answers %s and closes', async (_, makeToken) => {
  const client = new SignalClient(scene, portal);
  const reply = await client.ask({ do: 'join', token: await makeToken(), userAgent });
  expect(reply).toMatchObject({ ok: false, error: { code: 'unauthenticated' } });
  expect(client.closed?.code).toBe(closeCodes.unauthenticated);
});

it('does not say what went wrong inside', async () => {
  const client = await SignalClient.joined(scene, portal);
  const room = scene.live();
  room.stats = () => Promise.reject(new Error('secret'));
  const { id } = await client.data<{ id: string }>({
    do: 'publish',
    request: { media: { tracks: [{ type: 'audio', mid: '0' }] } },
  });
  expect(await client.ask({ do: 'stats', transport: id })).toMatchObject({
    ok: false,
    error: { code: 'internal', message: 'Internal error' },
  });
  expect(scene.lines.some((line) => line.includes('secret'))).toBe(true);
});
