// Owns the proof that no secret comes out again: every route is asked by who may ask it, in rooms full of recognisable
// secrets, and every reply, notice, log line and audit entry is searched for them.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { restRoutes } from '../../schemas/rest.ts';
import type { RestRoute } from '../../schemas/rest/route.ts';
import { createRestScene, pathOf, secret, type RestScene } from './rest-scene.ts';

let scene: RestScene;
beforeEach(async () => {
  scene = await createRestScene();
});
afterEach(() => scene.close());

const texts: string[] = [];
const order: readonly RestRoute['method'][] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];
/** What is deleted last takes nothing along that another route names. */
const depth = ({ path }: RestRoute) => path.split('/').length;

describe('secrets', () => {
  it('are in what is stored, or the search would mean nothing', async () => {
    const state = await scene.state();
    for (const kind of ['cam', 'cdn', 'peer', 'sip', 'key']) expect(state).toContain(`${secret}-${kind}`);
  });

  it('come out of no route, in no notice, no line of the log and no entry of the audit log', async () => {
    texts.length = 0;
    const routes = [...restRoutes].sort(
      (a, b) => order.indexOf(a.method) - order.indexOf(b.method) || depth(b) - depth(a),
    );
    const { owner, superService, audit } = scene;
    for (const route of routes) {
      const by = route.access === 'super-service' ? superService : owner.service;
      const reply = await scene.call(route, pathOf(route, owner.ids), by, owner.ids);
      texts.push(`${route.method} ${route.path}: ${reply.text}`);
      for (const [name, value] of reply.headers) texts.push(`${name}: ${value}`);
    }
    texts.push(...scene.lines, ...scene.told().map((notice) => JSON.stringify(notice)));
    for (const { _id: service } of [owner.service, superService])
      texts.push(JSON.stringify(await audit.recent({ service, orNone: true, limit: 1000 })));
    expect(texts.length).toBeGreaterThan(restRoutes.length);
    expect(texts.filter((text) => text.includes(secret))).toEqual([]);
  });

  it('come out of no request that brings them, whatever becomes of it', async () => {
    const { owner, superService } = scene;
    const room = `/v1/rooms/${owner.ids.room}`;
    const sip = { sipServer: 's', username: 'u', password: `${secret}-new` };
    const media = { audio: false, video: { from: `${owner.ids.room}-common` } };
    const url = `rtsp://u:${secret}@h/x`;
    const asked: readonly (readonly [string, string, unknown])[] = [
      ['POST', '/services', { name: 'n', key: `${secret}-new` }],
      ['POST', '/services', { name: 'n', key: [`${secret}-new`] }],
      ['POST', '/v1/rooms', { name: 'r', options: { sip } }],
      ['POST', '/v1/rooms', { name: 'r', options: { sip: { ...sip, password: [secret] } } }],
      ['PUT', room, { sip }],
      ['PUT', room, { sip: { password: `${secret}-new` } }],
      ['PUT', room, { sip: null }],
      ['POST', `${room}/streaming-ins`, { connection: { url }, media: { audio: true, video: true } }],
      ['POST', `${room}/streaming-ins`, { connection: { url, more: url }, media: {} }],
      ['POST', `${room}/streaming-outs`, { url, media }],
      ['POST', `${room}/streaming-outs`, { url: `ftp://u:${secret}@h/x`, media }],
      ['POST', `${room}/sipcalls`, { peerURI: `sip:a:${secret}@h`, mediaIn: {}, mediaOut: {} }],
      ['POST', `/services/${owner.service._id}/import`, { rooms: [{ name: 'i', sipInfo: sip, sip }] }],
    ];
    for (const [method, path, body] of asked) {
      const by = path === '/services' ? superService : owner.service;
      const reply = await scene.send(method, path, by, body);
      expect(reply.text, `${method} ${path} ${JSON.stringify(body)}`).not.toContain(secret);
    }
    expect(scene.lines.join('')).not.toContain(secret);
    expect(JSON.stringify(scene.told())).not.toContain(secret);
  });
});
