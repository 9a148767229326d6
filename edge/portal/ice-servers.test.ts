// Owns the proof that a client is told of relays when it joins, when it comes back and when it asks.
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { IceServers } from '../../schemas/ice-servers.ts';
import type { JoinResult, ResumeResult } from '../../schemas/signal.ts';
import type { RelayedClient } from '../tokens/ice-servers.ts';
import { createPortalScene, SignalClient, type PortalScene } from './scripted-portal.ts';

const userAgent = { sdk: { type: 'test', version: '1' } };

let scene: PortalScene;
let asked: RelayedClient[];
let client: SignalClient;
let joined: JoinResult;
beforeEach(async () => {
  asked = [];
  scene = await createPortalScene();
  const iceServers = (client: RelayedClient): Promise<IceServers> => {
    asked.push(client);
    return Promise.resolve({ iceServers: [{ urls: [`turn:${asked.length}`] }], iceServersMs: 5 });
  };
  const portal = scene.portal('e1', {}, {}, iceServers);
  client = new SignalClient(scene, portal);
  const token = await scene.token('ann', 'presenter', { isp: 'i', region: 'eu' });
  joined = await client.data<JoinResult>({ do: 'join', token, userAgent });
});
afterEach(() => scene.close());

const told = (number: number) => ({ iceServers: [{ urls: [`turn:${number}`] }], iceServersMs: 5 });

it('tells of the relays of the region of its token, always for the same user', async () => {
  expect(joined).toMatchObject(told(1));
  expect(await client.data({ do: 'ice-servers' })).toEqual(told(2));
  const { ticket, epoch, participant } = joined;
  const { seq } = client;
  client.lose();
  const back = new SignalClient(
    scene,
    scene.portal('e2', {}, {}, (who) => {
      asked.push(who);
      return Promise.resolve(told(3));
    }),
  );
  expect(await back.data<ResumeResult>({ do: 'resume', ticket, epoch, seq }, 10)).toMatchObject(told(3));
  expect(asked).toEqual(
    Array.from({ length: 3 }, () => ({ room: scene.room, user: participant.id, region: 'eu' })),
  );
});
