// Owns the refusals that any request may meet, those of texts, and those of signaling (portal-protocol §3, §6, §6.5, §10).
import { failing } from './scripted-failing-log.ts';
import { seconds, type RefusalRow } from './scripted-row.ts';

const offer = { type: 'offer', sdp: 'v=0' };

export const requestRefusals: readonly RefusalRow[] = [
  ...['publish', 'subscribe', 'unpublish', 'logout', 'text', 'stream-control'].map((request): RefusalRow => ({
    request,
    text: 'Illegal request',
    when: 'not logged in',
    only: 'owt',
    play: async (stage) => (await stage.connect()).ask(request, {}),
  })),
  {
    request: 'logout',
    text: 'Illegal request',
    when: 'not logged in',
    play: async (stage) => (await stage.connect()).ask('logout'),
  },
  {
    request: 'refreshReconnectionTicket',
    text: 'Illegal request',
    when: 'logged out',
    only: 'owt',
    play: async (stage) => {
      const ann = await stage.join();
      await ann.ask('logout');
      return ann.ask('refreshReconnectionTicket');
    },
  },
  {
    request: 'dance',
    text: 'Illegal request',
    when: 'there is no such request',
    only: 'owt',
    play: async (stage) => (await stage.join()).ask('dance', {}),
  },
  {
    request: 'text',
    text: 'Too many requests',
    when: 'it asks faster than anybody may',
    server: () => ({ settings: { requestsPerSecond: 0.001, requestBurst: 1 } }),
    play: async (stage) => {
      const ann = await stage.join();
      await ann.ask('text', { to: 'all', message: 'one' });
      return ann.ask('text', { to: 'all', message: 'two' });
    },
  },
  {
    request: 'publish',
    text: 'Timeout to make rpc to e1.publish',
    when: 'the room does not answer',
    // One append opens the room, one joins it.
    server: () => ({ settings: { answerMs: 100 }, roomLog: failing(3) }),
    play: async (stage) => stage.publish(await stage.join()),
  },
  {
    request: 'text',
    text: 'Unknown',
    when: 'something unexpected happens inside',
    only: 'owt',
    play: async (stage) => {
      const ann = await stage.join();
      stage.server.room().execute = () => Promise.reject(new Error('secret'));
      return ann.ask('text', { to: 'all', message: 'one' });
    },
  },
  {
    request: 'text',
    text: 'Invalid receiver',
    when: 'there is no receiver',
    only: 'owt',
    play: async (stage) => (await stage.join()).ask('text', { to: '', message: 'x' }),
  },
  {
    request: 'text',
    text: 'Target participant does NOT exist: nobody',
    when: 'the receiver is not there',
    play: async (stage) => (await stage.join()).ask('text', { to: 'nobody', message: 'x' }),
  },
  {
    request: 'text',
    text: /^request(\.request)?\.message /,
    when: 'the message is longer than 2048 characters',
    play: async (stage) => (await stage.join()).ask('text', { to: 'all', message: 'x'.repeat(2049) }),
  },
];

export const signalingRefusals: readonly RefusalRow[] = [
  {
    request: 'soac',
    text: 'Invalid soac id',
    when: 'it names no transport: the SDK’s stray offer',
    only: 'owt',
    play: async (stage) => (await stage.join()).ask('soac', { signaling: offer }),
  },
  {
    request: 'soac',
    text: 'Invalid signaling object',
    when: 'there is no signaling',
    only: 'owt',
    play: async (stage) => (await stage.join()).ask('soac', { id: 't1' }),
  },
  {
    request: 'soac',
    text: 'Invalid signaling type',
    when: 'it is of no known type',
    only: 'owt',
    play: async (stage) => (await stage.join()).ask('soac', { id: 't1', signaling: { type: 'bye' } }),
  },
  {
    request: 'soac',
    text: 'Transport t1 does NOT exist',
    when: 'there is no such transport',
    play: async (stage) => (await stage.join()).ask('soac', { id: 't1', signaling: offer }),
  },
  {
    request: 'soac',
    text: /^Transport [0-9a-f]{32} does NOT exist$/,
    when: 'the transport is somebody else’s',
    play: async (stage) => {
      const [ann, bob] = [await stage.join(), await stage.join()];
      return bob.ask('soac', { id: await stage.published(ann), signaling: offer });
    },
  },
  {
    request: 'soac',
    text: /^Transport [0-9a-f]{32} locality is NOT ready$/,
    when: 'no media worker has taken the transport',
    server: () => ({ media: 'absent', rooms: { signalMs: 100, placementMs: 60 * seconds } }),
    play: async (stage) => {
      const ann = await stage.join();
      const { data } = await stage.publish(ann);
      return ann.ask('soac', { id: (data as { id: string }).id, signaling: offer });
    },
  },
];
