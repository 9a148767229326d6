import { beforeEach, describe, expect, it } from 'vitest';
import { joinCommand, publishCommand } from '../rooms/scripted-room.ts';
import { ScriptedServer } from './scripted-server.ts';

let server: ScriptedServer;
beforeEach(async () => {
  server = await ScriptedServer.start();
});
const call = (method: string, below = '', body?: unknown) =>
  server.call(method, `/v1/rooms/${server.sampleRoom}/participants${below}`, body);
const missing = { status: 404, json: { error: { code: 1005, message: 'Participant not found' } } };
const both = { audio: true, video: true };

describe('participants', () => {
  it('rest-api#21 of an idle room are none', async () => {
    expect(await call('GET')).toMatchObject({ status: 200, json: [] });
    for (const method of ['GET', 'DELETE']) expect(await call(method, '/alice')).toMatchObject(missing);
    expect(await call('PATCH', '/alice', [])).toMatchObject(missing);
  });

  it('are listed and shown with their permission, the internal one never', async () => {
    const room = server.goLive().join('alice');
    room.run(joinCommand('admin'));
    const alice = {
      id: 'alice',
      user: 'user of alice',
      role: 'presenter',
      permission: { publish: both, subscribe: both },
    };
    expect((await call('GET')).json).toEqual([alice]);
    expect((await call('GET', '/alice')).json).toEqual(alice);
    for (const method of ['GET', 'DELETE']) expect(await call(method, '/admin')).toMatchObject(missing);
  });

  it('rest-api#22 lose a permission, and later publishing with it', async () => {
    const room = server.goLive().join('alice');
    const patch = [{ op: 'replace', path: '/permission/publish/video', value: false }];
    const reply = await call('PATCH', '/alice', patch);
    const permission = { publish: { audio: true, video: false }, subscribe: both };
    expect(reply).toMatchObject({ status: 200, json: { id: 'alice', permission } });
    expect(room.refusal(publishCommand('alice', 's1'))).toBe('unauthorized');
    expect(room.refusal(publishCommand('alice', 's1', ['audio']))).toBeUndefined();
  });

  it.each([
    ['a boolean for a pair', [{ op: 'replace', path: '/permission/publish', value: false }]],
    ['half a pair', [{ op: 'replace', path: '/permission/publish', value: { audio: true } }]],
    ['another operation', [{ op: 'add', path: '/permission/publish/audio', value: true }]],
    ['an unknown path', [{ op: 'replace', path: '/role', value: 'admin' }]],
    ['a fourth member', [{ op: 'replace', path: '/permission/publish/audio', value: true, from: '' }]],
    ['no list', { op: 'replace', path: '/permission/publish/audio', value: true }],
    ['nothing', undefined],
  ])('rest-api#22 are not changed by %s', async (_, patch) => {
    server.goLive().join('alice');
    expect(await call('PATCH', '/alice', patch)).toMatchObject({
      status: 400,
      json: { error: { code: 1201 } },
    });
    expect(server.commands).toEqual([]);
  });

  it('rest-api#29 are dropped, with an empty reply', async () => {
    const room = server.goLive().join('alice', 'bob').stream('alice', 's1');
    expect(await call('DELETE', '/alice')).toMatchObject({ status: 200, text: '' });
    expect((await call('GET')).json).toMatchObject([{ id: 'bob' }]);
    expect(room.records.map(({ event }) => event)).toContainEqual(
      expect.objectContaining({
        type: 'participant-left',
        participant: 'alice',
        dropped: expect.any(String) as string,
      }),
    );
    expect(await call('DELETE', '/alice')).toMatchObject(missing);
  });

  it.each(['a%20b', 'a:b', 'é', 'x'.repeat(300)])('have no id such as %s', async (id) => {
    server.goLive();
    for (const method of ['GET', 'PATCH', 'DELETE'])
      expect(await call(method, `/${id}`)).toMatchObject({
        status: 500,
        json: { error: { code: 1301, message: 'Operation failed' } },
      });
  });
});
