import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Webhook, WebhookDelivery, WebhookEvent } from '../../schemas/webhook.ts';
import { createLog } from '../platform/node/log.ts';
import { nodeRandom } from '../platform/node/random.ts';
import { createScene, join, publish, say, type Scene } from '../rooms/scripted-scene.ts';
import type { JobRequest } from '../store/jobs.ts';
import { createSecretBox } from '../tokens/secret-box.ts';
import { webhookDelivery, webhookSignature } from './webhook-delivery.ts';
import { createWebhookOutbox, type WebhookOutbox } from './webhook-outbox.ts';

let scene: Scene;
let service: string;
let jobs: JobRequest[];
let storeIsAway: boolean;

function outbox(): WebhookOutbox {
  const add = (job: JobRequest) => {
    if (storeIsAway) return Promise.reject(new Error('away'));
    jobs.push(job);
    return Promise.resolve();
  };
  const log = createLog({ name: 'test', write: (line) => void scene.lines.push(line) });
  return createWebhookOutbox({ directory: scene.ports.directory, jobs: { add }, clock: scene.clock, log });
}

const all: Webhook['events'] = [
  'room.opened',
  'room.closed',
  'participant.joined',
  'participant.left',
  'stream.added',
  'stream.removed',
];
async function hook(id: string, events = all): Promise<void> {
  const box = createSecretBox(scene.ports.directory, nodeRandom);
  const added = {
    _id: id.padStart(24, '0'),
    url: 'https://app.example/hook',
    events,
    secret: await box.seal('the secret of the hook'),
  };
  await scene.ports.directory.changeWebhooks(service, (present) => [...present, added]);
}

const deliveries = (): WebhookDelivery[] => jobs.map(({ data }) => data as WebhookDelivery);
const told = (id?: string): WebhookEvent[] =>
  deliveries().flatMap(({ webhook, events }) =>
    id === undefined || webhook === id.padStart(24, '0') ? events : [],
  );
const types = (id?: string) => told(id).map(({ type }) => type);

beforeEach(async () => {
  scene = await createScene();
  service = (await scene.ports.directory.services())[0]?._id ?? '';
  jobs = [];
  storeIsAway = false;
});
afterEach(() => scene.close());

describe('webhooks', () => {
  it('are told what happens in a room, in its order, each what it asked for', async () => {
    await hook('a');
    await hook('b', ['participant.left']);
    const { witness } = outbox();
    await scene.worker('w1');
    const room = await scene.edge('e1', { witnessing: witness }).open(scene.room);
    await room.execute(join('ann'));
    await room.execute(publish('ann', 'camera'));
    await room.execute(say('ann', 'nobody is told of this'));
    await scene.clock.advance(500);
    await room.execute({ type: 'leave', participant: 'ann' });
    await scene.clock.advance(60_000);
    expect(types('a')).toEqual([
      'room.opened',
      'participant.joined',
      'stream.added',
      'stream.removed',
      'participant.left',
      'room.closed',
    ]);
    expect(told('a')[2]).toMatchObject({ room: scene.room, stream: { id: 'camera', owner: 'ann' } });
    expect(told('b')).toEqual([
      {
        id: expect.any(String) as string,
        type: 'participant.left',
        at: expect.any(Number) as number,
        room: scene.room,
        seq: expect.any(Number) as number,
        participant: { id: 'ann', user: 'user ann', role: 'presenter' },
      },
    ]);
    const seqs = told('a').map(({ seq = 0 }) => seq);
    expect(seqs).toEqual([...seqs].sort((x, y) => x - y));
  });

  it('are told by one edge of those where the room lives, and by the next one what the last may have kept', async () => {
    await hook('a');
    const first = scene.edge('e1', { witnessing: outbox().witness });
    const second = scene.edge('e2', { witnessing: outbox().witness });
    const room = await first.open(scene.room);
    await scene.clock.advance(500);
    const there = await second.open(scene.room);
    await room.execute(join('ann'));
    await scene.clock.advance(500);
    expect(types()).toEqual(['room.opened', 'participant.joined']);
    // It went with what it had collected.
    const before = jobs.splice(0).length;
    expect(before).toBeGreaterThan(0);
    await Promise.all([first.close(), scene.clock.advance(1000)]);
    await scene.clock.advance(1000);
    expect(types()).toEqual(['room.opened', 'participant.joined']);
    jobs.splice(0);
    await there.execute(join('bob', 'e2'));
    await scene.clock.advance(500);
    expect(told().map(({ participant }) => participant?.id)).toEqual(['bob']);
  });

  it('are told again by the next edge under the same ids, and nothing that is long past', async () => {
    await hook('a');
    const first = scene.edge('e1', { witnessing: outbox().witness });
    const second = scene.edge('e2', { witnessing: outbox().witness });
    const room = await first.open(scene.room);
    await scene.clock.advance(500);
    await second.open(scene.room);
    await scene.clock.advance(10_000);
    await room.execute(join('ann'));
    await scene.clock.advance(500);
    const [, ann] = told();
    jobs.splice(0);
    await Promise.all([first.close(), scene.clock.advance(1000)]);
    await scene.clock.advance(1000);
    expect(told()).toEqual([ann]);
  });

  it('wait for their store, and lose nothing meanwhile', async () => {
    await hook('a');
    storeIsAway = true;
    const room = await scene.edge('e1', { witnessing: outbox().witness }).open(scene.room);
    await room.execute(join('ann'));
    await scene.clock.advance(3000);
    expect(jobs).toEqual([]);
    storeIsAway = false;
    await scene.clock.advance(3000);
    expect(types()).toEqual(['room.opened', 'participant.joined']);
  });

  it('are told at the end what was collected and not sent', async () => {
    await hook('a');
    const box = outbox();
    box.tell(service, { id: 'p1', type: 'room.opened', at: 5 });
    await box.close();
    expect(types()).toEqual(['room.opened']);
  });
});

describe('a delivery', () => {
  const event: WebhookEvent = { id: 'e.1.0', type: 'room.opened', at: 5, room: 'r' };
  const run = async (answer: number | Error, id = 'a') => {
    const sent: { url: string; headers: Readonly<Record<string, string>>; body: string }[] = [];
    const { directory } = scene.ports;
    const deliver = webhookDelivery({
      directory,
      box: createSecretBox(directory, nodeRandom),
      clock: scene.clock,
      post: (url, headers, body) => {
        sent.push({ url, headers, body });
        return typeof answer === 'number' ? Promise.resolve(answer) : Promise.reject(answer);
      },
    });
    const data = { service, webhook: id.padStart(24, '0'), events: [event] };
    const done = deliver({ data, attempt: 3 });
    await done.catch(() => undefined);
    return { done, sent };
  };

  it('is signed, so that its receiver knows who sent it and when', async () => {
    await hook('a');
    const { done, sent } = await run(204);
    await done;
    const [{ url, headers, body } = { url: '', headers: {}, body: '' }] = sent;
    expect(url).toBe('https://app.example/hook');
    expect(JSON.parse(body)).toEqual({ service, webhook: 'a'.padStart(24, '0'), events: [event] });
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'x-sluice-attempt': '3',
      'x-sluice-signature': await webhookSignature('the secret of the hook', scene.clock.now(), body),
    });
    expect(body + JSON.stringify(headers)).not.toContain('the secret of the hook');
  });

  it('has a signature anybody can compute', async () => {
    // echo -n '1700000000000.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef
    expect(await webhookSignature('0123456789abcdef', 1_700_000_000_000, '{"a":1}')).toBe(
      't=1700000000000,v1=de32ced690ba7742b66a8b93053efa2a98f3a8fc16b2907325d41944cf17d735',
    );
  });

  it.each([
    { answer: 199, text: 'The receiver answered 199' },
    { answer: 302, text: 'The receiver answered 302' },
    { answer: 500, text: 'The receiver answered 500' },
    { answer: new Error('The receiver does not answer'), text: 'The receiver does not answer' },
  ])('that is answered by $text has failed', async ({ answer, text }) => {
    await hook('a');
    await expect((await run(answer)).done).rejects.toThrow(text);
  });

  it('to a webhook that is gone is done', async () => {
    const { done, sent } = await run(204, 'b');
    await done;
    expect(sent).toEqual([]);
  });
});
