import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createManualClock } from '../platform/memory/manual-clock.ts';
import { createIceServers, type IceServerTerms } from './ice-servers.ts';
import { turnCredentials } from './turn-credentials.ts';

const terms: IceServerTerms = {
  fixed: [{ urls: ['stun:stun.test'] }],
  relay: { urls: ['turn:any.test'], secrets: ['new', 'old'] },
  relayOfRegion: { eu: { urls: ['turn:eu.test', 'turns:eu.test'], secrets: ['european'] } },
  ttlMs: 60_000,
};
const ann = { room: 'r1', user: 'ann', region: 'asia' };
const hmacSha1 = (secret: string, text: string) => createHmac('sha1', secret).update(text).digest('base64');

describe('credentials', () => {
  it.each(['secret', 'ключ', 'a"b\\c'])('are the HMAC-SHA1 of expiry and user under %j', async (secret) => {
    const { username, credential } = await turnCredentials(secret, 'r1.ann', 1_700_000_000_999);
    expect(username).toBe('1700000000:r1.ann');
    expect(credential).toBe(hmacSha1(secret, username));
  });
});

describe('ICE servers', () => {
  const clock = createManualClock();
  const told = createIceServers(terms, clock);
  const expiry = Math.floor((clock.now() + 60_000) / 1000);

  it('are the configured ones and a relay, its credentials made with the newest secret', async () => {
    const username = `${expiry}:r1.ann`;
    expect(await told(ann)).toEqual({
      iceServers: [
        { urls: ['stun:stun.test'] },
        { urls: ['turn:any.test'], username, credential: hmacSha1('new', username) },
      ],
      iceServersMs: 60_000,
    });
  });

  it('are those of the region where it has its own', async () => {
    const username = `${expiry}:r1.ann`;
    const { iceServers } = await told({ ...ann, region: 'eu' });
    expect(iceServers[1]).toEqual({
      urls: ['turn:eu.test', 'turns:eu.test'],
      username,
      credential: hmacSha1('european', username),
    });
  });

  it.each(['constructor', '__proto__', 'toString'])('are not found by the region %s', async (region) => {
    expect((await told({ ...ann, region })).iceServers[1]?.urls).toEqual(['turn:any.test']);
  });

  it.each([
    ['without URLs', { urls: [], secrets: ['new'] }],
    ['without a secret', { urls: ['turn:any.test'], secrets: [] }],
  ])('are good for ever %s', async (_, relay) => {
    expect(await createIceServers({ ...terms, relay }, clock)(ann)).toEqual({ iceServers: terms.fixed });
  });

  it.each([
    ['Zoë:admin\n', 'Zo__admin_'],
    ['x'.repeat(1000), 'x'.repeat(64)],
  ])('name the user %j without what a log or a separator could mistake', async (user, shown) => {
    expect((await told({ ...ann, user })).iceServers[1]?.username).toBe(`${expiry}:r1.${shown}`);
  });

  it('hold nothing of the secrets', async () => {
    const text = JSON.stringify(await told({ ...ann, region: 'eu' }));
    for (const secret of ['new', 'old', 'european']) expect(text).not.toContain(secret);
  });
});
