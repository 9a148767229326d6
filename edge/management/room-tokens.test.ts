import { beforeEach, describe, expect, it } from 'vitest';
import { fromBase64 } from '../tokens/text-codec.ts';
import { ScriptedServer, type Credentials } from './scripted-server.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});
const path = () => `/v1/rooms/${server.sampleRoom}/tokens`;

async function asNamed(credentials: Credentials, body: unknown) {
  const headers = {
    authorization: await server.header(server.sampleService, credentials),
    'content-type': 'application/json',
  };
  return server.send(path(), { method: 'POST', headers, body: JSON.stringify(body) });
}

describe('tokens', () => {
  it.each([
    ['no user', { role: 'presenter' }],
    ['an empty user', { user: '', role: 'presenter' }],
    ['a user that is no text', { user: 5, role: 'presenter' }],
    ['a user of 50 kB', { user: 'x'.repeat(50_000), role: 'presenter' }],
    ['no role', { user: 'alice' }],
    ['a role the room does not know', { user: 'alice', role: 'king' }],
    ['a preference that is no object', { user: 'alice', role: 'presenter', preference: 'near' }],
    ['a list', []],
  ])('rest-api#16 are not given for %s', async (_, body) => {
    expect(await server.call('POST', path(), body)).toMatchObject({
      status: 400,
      json: { error: { code: 1201, message: 'Name or role not valid' } },
    });
  });

  it('rest-api#16 are base64 text of id, address and signature', async () => {
    const reply = await server.call('POST', path(), { user: 'alice', role: 'viewer' });
    expect(reply.status).toBe(200);
    expect(reply.text).toMatch(/^[0-9A-Za-z+/]+=*$/);
    expect(JSON.parse(fromBase64(reply.text))).toEqual({
      tokenId: expect.stringMatching(/^[0-9a-f]{24}\.[0-9a-f]{8}\.[\w-]+$/) as string,
      host: 'edge:3004',
      secure: true,
      signature: expect.stringMatching(/^[0-9A-Za-z+/]{86}==$/) as string,
    });
    expect(await server.tokens.redeem(reply.text)).toMatchObject({
      user: 'alice',
      role: 'viewer',
      room: server.sampleRoom,
      service: server.sampleService._id,
      origin: { isp: 'isp', region: 'region' },
    });
  });

  it('take user and role from the credentials first', async () => {
    const reply = await asNamed({ user: 'Zoë', role: 'viewer' }, { user: 'alice', role: 'presenter' });
    expect(await server.tokens.redeem(reply.text)).toMatchObject({ user: 'Zoë', role: 'viewer' });
    const half = await asNamed({ user: 'bob' }, { user: 'alice', role: 'presenter' });
    expect(await server.tokens.redeem(half.text)).toMatchObject({ user: 'bob', role: 'presenter' });
  });

  it('carry the preference of ISP and region', async () => {
    const preference = { isp: 'telecom', region: 'eu-west' };
    const reply = await server.call('POST', path(), { user: 'a', role: 'viewer', preference });
    expect(await server.tokens.redeem(reply.text)).toMatchObject({ origin: preference });
    const v11 = await server.call('POST', path().replace('v1', 'v1.1'), {
      user: 'a',
      role: 'viewer',
      preference: { region: 'x' },
    });
    expect(await server.tokens.redeem(v11.text)).toMatchObject({ origin: { isp: 'isp', region: 'x' } });
  });
});
