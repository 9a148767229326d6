// Owns the proof that relays serve exactly those whom the edge gave credentials: a real coturn as deploy/coturn configures
// it, real browsers that may use nothing but the relay, and the management interface for OWT's applications.
import { spawn } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManagementClient } from '../../deploy/rest/management-client.ts';
import { turnCredentials } from '../../edge/tokens/turn-credentials.ts';
import type { IceServers } from '../../schemas/ice-servers.ts';
import { type Guest, TestBrowser } from '../support/browser.ts';
import { type EdgeMember, TestCluster } from '../support/cluster.ts';
import { findTurnserver, startCoturn, type TestCoturn } from '../support/coturn.ts';

const turnserver = findTurnserver();
if (turnserver === undefined)
  console.warn('test/e2e/turn: no turnserver on the PATH (apt-get install coturn)');

/** Of what the page's connections can use. */
const relayOnly = `
const connections = [];
const Plain = RTCPeerConnection;
globalThis.RTCPeerConnection = class extends Plain {
  constructor(configuration) {
    super({ ...configuration, iceTransportPolicy: 'relay' });
    connections.push(this);
  }
};
globalThis.connections = connections;
/** Types of the local candidates in use. */
globalThis.paths = async () => {
  const types = [];
  for (const connection of connections) {
    if (connection.connectionState !== 'connected') continue;
    const stats = await connection.getStats();
    for (const pair of stats.values())
      if (pair.type === 'candidate-pair' && pair.nominated && pair.state === 'succeeded')
        types.push(stats.get(pair.localCandidateId).candidateType);
  }
  return types;
};
/** 'relay' when the relay gives an address, else the STUN error code. */
globalThis.allocate = (iceServers) => new Promise((tell) => {
  const connection = new Plain({ iceServers, iceTransportPolicy: 'relay' });
  connection.onicecandidate = ({ candidate }) => candidate?.type && tell(candidate.type);
  connection.onicecandidateerror = ({ errorCode }) => tell(errorCode);
  connection.createDataChannel('');
  connection.createOffer().then((offer) => connection.setLocalDescription(offer));
});
`;

describe.skipIf(turnserver === undefined)('TURN', () => {
  let coturn: TestCoturn;
  let closed: TestCoturn | undefined;
  let cluster: TestCluster;
  let browser: TestBrowser;
  let edge: EdgeMember;
  let ann: Guest;
  let bob: Guest;

  beforeAll(async () => {
    coturn = await startCoturn('newest, previous');
    [cluster, browser] = await Promise.all([TestCluster.start(), TestBrowser.launch()]);
    const relays = `[turn]\nurls = ["${coturn.url}"]\nsecrets = ["newest"]\nttl_seconds = 600`;
    edge = await cluster.edge({ config: relays });
    await cluster.workers({ args: ['--processes', '1'] });
    ann = await browser.open(edge.url, { name: 'ann', script: relayOnly });
    bob = await browser.open(edge.url, { name: 'bob', script: relayOnly });
  });
  afterAll(async () => {
    await browser.close();
    await cluster.stop();
    await coturn.stop();
    await closed?.stop();
  });

  const allocate = (iceServers: unknown): Promise<unknown> =>
    ann.page.evaluate(`allocate(${JSON.stringify(iceServers)})`);
  const asOwtApplication = () =>
    new ManagementClient(edge.url, { service: edge.sample.id, key: edge.sample.key });
  const roomOf = async (): Promise<string> => {
    const { body } = await asOwtApplication().ask('GET', '/v1/rooms');
    return (body as readonly { readonly _id: string }[])[0]?._id ?? '';
  };

  it('carries the media of browsers that have no other way to the worker', async () => {
    for (const guest of [ann, bob]) await guest.inside();
    await ann.sees(['bob']);
    await bob.sees(['ann']);
    for (const guest of [ann, bob]) expect(await guest.page.evaluate('paths()')).toContain('relay');
    const room = await roomOf();
    const { body } = await asOwtApplication().ask('GET', `/v1/rooms/${room}/participants`);
    // Its log names room and participant.
    for (const { id } of body as readonly { readonly id: string }[])
      expect(coturn.output()).toContain(`:${room}.${id}>`);
  });

  it('serves those whom an application of OWT asked for, each by name', async () => {
    const path = `/v1/rooms/${await roomOf()}/ice-servers?user=carla`;
    const { iceServers, iceServersMs } = (await asOwtApplication().ask('GET', path)).body as IceServers;
    expect(iceServersMs).toBe(600_000);
    expect(await allocate(iceServers)).toBe('relay');
  });

  it('serves until its secret is taken away, and before they expire', async () => {
    const inAMinute = Date.now() + 60_000;
    const cases = [
      ['newest', 'newest', inAMinute, 'relay'],
      ['previous', 'previous', inAMinute, 'relay'],
      ['made up', 'another', inAMinute, 401],
      ['expired', 'newest', Date.now() - 3_600_000, 401],
    ] as const;
    for (const [what, secret, expiresAt, outcome] of cases) {
      const credentials = await turnCredentials(secret, 'room.dora', expiresAt);
      expect([what, await allocate([{ urls: coturn.url, ...credentials }])]).toEqual([what, outcome]);
    }
    const { username } = await turnCredentials('newest', 'room.dora', inAMinute);
    const { credential } = await turnCredentials('newest', 'room.dora', Date.now() - 3_600_000);
    expect(await allocate([{ urls: coturn.url, username, credential }])).toBe(401);
  });

  it.each([
    ['127.0.0.1', true],
    ['10.1.2.3', true],
    ['192.168.1.1', true],
    ['169.254.169.254', true],
    // Nothing is sent there.
    ['8.8.8.8', false],
  ])('relays to nobody inside: %s denied: %j', async (peer, denied) => {
    closed ??= await startCoturn('newest', 'denied');
    const { username, credential } = await turnCredentials('newest', 'room.eve', Date.now() + 60_000);
    const args = [
      '-v',
      '-c',
      '-n',
      '0',
      '-e',
      peer,
      '-u',
      username,
      '-w',
      credential,
      '-p',
      `${closed.port}`,
    ];
    const asked = spawn('turnutils_uclient', [...args, '127.0.0.1'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    for await (const chunk of asked.stdout) {
      said += String(chunk);
      if (/channel bind: error|cb response received[^]*success: 0x/.test(said)) break;
    }
    asked.kill('SIGKILL');
    expect(said.includes('403 (Forbidden IP)')).toBe(denied);
  });

  it('is nowhere told the secret', () => {
    expect(edge.output()).not.toContain('newest');
  });
});
