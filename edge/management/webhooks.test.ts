import { beforeEach, describe, expect, it } from 'vitest';
import type { JobRun } from '../store/jobs.ts';
import { ScriptedServer, type Reply } from './scripted-server.ts';

let server: ScriptedServer;
let path: string;
beforeEach(async () => {
  server = await ScriptedServer.start();
  path = `/services/${server.sampleService._id}/webhooks`;
});
const url = 'https://app.example/hook';
const create = (body: unknown) => server.call('POST', path, body);
const created = async () => {
  const { json } = await create({ url, events: ['room.opened'] });
  return json as { _id: string; secret: string };
};

describe('webhooks of a service', () => {
  it('are created, with a secret that is shown once', async () => {
    const reply = await create({ url });
    expect(reply).toMatchObject({
      status: 200,
      json: {
        _id: expect.stringMatching(/^[0-9a-f]{24}$/) as string,
        url,
        secret: expect.stringMatching(/^.{43}$/) as string,
      },
    });
    const { secret } = reply.json as { secret: string };
    const listed = await server.call('GET', path);
    expect(listed).toMatchObject({ status: 200, json: [{ url }] });
    expect(listed.text).not.toContain('secret');
    const stored = (await server.directory.service(server.sampleService._id))?.webhooks;
    expect(stored).toHaveLength(1);
    expect(JSON.stringify(stored)).not.toContain(secret);
    const service = await server.call('GET', `/services/${server.sampleService._id}`);
    expect(service.text).not.toContain('webhooks');
  });

  it('have the secret and the events that were asked for', async () => {
    const secret = 'sixteen characters and more';
    const { json } = await create({ url, events: ['room.opened', 'ping'], secret });
    expect(json).toMatchObject({ secret, events: ['room.opened', 'ping'] });
  });

  it.each([
    [{}, 'url'],
    [{ url: 'ftp://app.example/' }, 'http'],
    [{ url: 'nowhere' }, 'url'],
    [{ url: 'https://me:pass@app.example/' }, 'password'],
    [{ url: `https://app.example/${'x'.repeat(3000)}` }, 'url'],
    [{ url, events: [] }, 'events'],
    [{ url, events: ['everything'] }, 'events'],
    [{ url, secret: 'short' }, 'secret'],
    [{ url, other: 1 }, 'other'],
    [[], 'Webhook'],
  ])('refuse %j and say why', async (body, why) => {
    const reply = await create(body);
    expect(reply).toMatchObject({ status: 400, json: { error: { code: 1201 } } });
    expect(reply.text).toContain(why);
    expect(await server.call('GET', path)).toMatchObject({ json: [] });
  });

  it('are sixteen at most, whoever asks at once', async () => {
    const replies = await Promise.all(Array.from({ length: 20 }, () => create({ url })));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(16);
    expect(replies.filter(({ status }) => status === 400)).toHaveLength(4);
    expect((await server.call('GET', path)).json).toHaveLength(16);
  });

  it('are deleted once', async () => {
    const { _id } = await created();
    const gone = { status: 404, json: { error: { message: 'Webhook not found' } } };
    expect(await server.call('DELETE', `${path}/${_id}`)).toMatchObject({
      status: 200,
      text: 'Webhook deleted',
    });
    for (const method of ['DELETE', 'POST', 'GET']) {
      const below = { DELETE: '', POST: '/ping', GET: '/failures' }[method] ?? '';
      expect(await server.call(method, `${path}/${_id}${below}`)).toMatchObject(gone);
    }
  });

  it('are pinged, and show what was given up of their own', async () => {
    const [first, second] = [await created(), await created()];
    const runs: JobRun[] = [];
    server.deps.jobs.work('webhook', (run) => {
      runs.push(run);
      return Promise.reject(new Error('no'));
    });
    for (const { _id } of [first, second, first]) {
      expect(await server.call('POST', `${path}/${_id}/ping`)).toMatchObject({ status: 200 });
    }
    const { json } = await server.call('GET', `${path}/${first._id}/failures`);
    expect(runs).toHaveLength(3);
    expect(json).toEqual(
      runs
        .map(({ data }) => data as { webhook: string; events: unknown })
        .filter(({ webhook }) => webhook === first._id)
        .reverse()
        .map(({ events }) => ({ reason: 'Internal error', events })),
    );
  });

  it('of a service that is not there are not there', async () => {
    const nowhere = '/services/5f1e9c2ab7d8e90012ab34ff/webhooks';
    const bySuper = (method: string, at: string, body?: unknown): Promise<Reply> =>
      server.call(method, at, body, server.superService);
    const gone = { status: 404, json: { error: { code: 1002 } } };
    expect(await bySuper('GET', nowhere)).toMatchObject(gone);
    expect(await bySuper('POST', nowhere, { url })).toMatchObject(gone);
    expect(await bySuper('POST', path, { url })).toMatchObject({ status: 200 });
  });
});
