// Owns the refusals of stream-control and subscription-control (portal-protocol §6.3, §6.4).
import { mixes, unsatisfied, type RefusalRow } from './scripted-row.ts';

export const controlRefusals: readonly RefusalRow[] = [
  ...(
    [
      ['Stream does NOT exist', 'the stream has ended', 'pause', 'video', () => 'gone'],
      [
        'Stream does NOT contain valid track to mute/unmute',
        'it has no such track',
        'pause',
        'video',
        'audio',
      ],
      ['Invalid view', 'there is no such view', 'mix', 'nowhere', 'audio'],
      ['Invalid view', 'there is no such view', 'unmix', 'nowhere', 'audio'],
      ['Invalid mix view', 'there is no such view', 'get-region', 'nowhere', 'audio'],
      ['Invalid mix view', 'there is no such view', 'set-region', { view: 'nowhere', region: '1' }, 'audio'],
      ['Invalid input stream_id.', 'it is not in that view', 'get-region', 'common', 'audio'],
    ] as const
  ).map(([text, when, operation, data, stream]): RefusalRow => ({
    request: 'stream-control',
    text,
    when: `${when} (${operation})`,
    server: mixes,
    play: async (stage) => {
      const ann = await stage.join();
      const id =
        stream === 'audio'
          ? await stage.published(ann, [{ type: 'audio', mid: '0', source: 'mic' }])
          : stream();
      return ann.ask('stream-control', { id, operation, data });
    },
  })),
  {
    request: 'stream-control',
    text: 'Invalid region_id.',
    when: 'the view has no such region',
    server: mixes,
    play: async (stage) => {
      const ann = await stage.join();
      const id = await stage.published(ann);
      await ann.ask('stream-control', { id, operation: 'mix', data: 'common' });
      return ann.ask('stream-control', {
        id,
        operation: 'set-region',
        data: { view: 'common', region: '99' },
      });
    },
  },
  {
    request: 'stream-control',
    text: 'unauthorized',
    when: 'it is somebody else’s',
    play: async (stage) => {
      const [ann, bob] = [await stage.join(), await stage.join()];
      const id = await stage.published(ann);
      return bob.ask('stream-control', { id, operation: 'pause', data: 'av' });
    },
  },
  {
    request: 'stream-control',
    text: 'unauthorized',
    when: 'a mixed stream is nobody’s',
    server: mixes,
    play: async (stage) =>
      (await stage.join()).ask('stream-control', { id: stage.mixed, operation: 'pause', data: 'av' }),
  },
  {
    request: 'stream-control',
    text: 'Stream is Mixed',
    when: 'an admin pauses a mixed stream',
    server: () => ({
      mixes: true,
      room: {
        roles: [
          { role: 'admin', publish: { audio: true, video: true }, subscribe: { audio: true, video: true } },
        ],
      },
    }),
    play: async (stage) =>
      (await stage.join('admin')).ask('stream-control', { id: stage.mixed, operation: 'pause', data: 'av' }),
  },
  {
    request: 'stream-control',
    text: 'Stream is NOT ready',
    when: 'its transport is not up yet',
    server: () => ({ media: 'silent' }),
    play: async (stage) => {
      const ann = await stage.join();
      const { data } = await stage.publish(ann);
      const { id } = data as { id: string };
      return ann.ask('stream-control', { id, operation: 'pause', data: 'av' });
    },
  },
  {
    request: 'stream-control',
    text: 'Mixing is not available',
    when: 'the room has no views',
    play: async (stage) => {
      const ann = await stage.join();
      const id = await stage.published(ann);
      return ann.ask('stream-control', { id, operation: 'mix', data: 'common' });
    },
  },
  {
    request: 'subscription-control',
    text: 'Subscription does NOT exist',
    when: 'it has ended',
    play: async (stage) =>
      (await stage.join()).ask('subscription-control', { id: 'gone', operation: 'pause', data: 'av' }),
  },
  {
    request: 'subscription-control',
    text: 'unauthorized',
    when: 'it is somebody else’s',
    server: mixes,
    play: async (stage) => {
      const [ann, bob] = [await stage.join(), await stage.join()];
      const id = await stage.subscribed(ann, 'video', stage.mixed);
      return bob.ask('subscription-control', { id, operation: 'pause', data: 'video' });
    },
  },
  ...(
    [
      ['audio', 'video'],
      ['video', 'audio'],
    ] as const
  ).map(([has, lacks]): RefusalRow => ({
    request: 'subscription-control',
    text: `Target subscription does NOT have ${lacks} to update`,
    when: `it is of ${has} alone`,
    server: mixes,
    play: async (stage) => {
      const ann = await stage.join();
      const id = await stage.subscribed(ann, has, stage.mixed);
      const data = { [lacks]: { from: stage.mixed } };
      return ann.ask('subscription-control', { id, operation: 'update', data });
    },
  })),
  {
    request: 'subscription-control',
    text: unsatisfied('video', 'Resolution is not acceptable'),
    when: 'an update asks for what is not offered',
    server: mixes,
    play: async (stage) => {
      const ann = await stage.join();
      const id = await stage.subscribed(ann, 'video', stage.mixed);
      const data = { video: { parameters: { resolution: { width: 321, height: 240 } } } };
      return ann.ask('subscription-control', { id, operation: 'update', data });
    },
  },
  {
    request: 'subscription-control',
    text: unsatisfied('audio', 'Requested audio stream'),
    when: 'an update asks for a source that is not there',
    server: mixes,
    play: async (stage) => {
      const ann = await stage.join();
      const id = await stage.subscribed(ann, 'audio', stage.mixed);
      return ann.ask('subscription-control', { id, operation: 'update', data: { audio: { from: 'gone' } } });
    },
  },
];
