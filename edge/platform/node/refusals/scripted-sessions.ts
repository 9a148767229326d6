// Owns the refusals of publications and subscriptions (portal-protocol §6.1, §6.2).
import { limited, mixes, unsatisfied, type RefusalRow } from './scripted-row.ts';
import { micAndCamera } from './scripted-stage.ts';

export const sessionRefusals: readonly RefusalRow[] = [
  {
    request: 'publish',
    text: 'Participant has not joined',
    when: 'it has asked to leave',
    only: 'owt',
    play: async (stage) => {
      const ann = await stage.join();
      const [, answer] = await Promise.all([ann.ask('logout'), stage.publish(ann)]);
      return answer;
    },
  },
  {
    request: 'publish',
    text: 'unauthorized',
    when: 'its role may not publish that kind',
    server: mixes,
    play: async (stage) => stage.publish(await stage.join('audio_only_presenter')),
  },
  {
    request: 'publish',
    text: 'Too many inputs',
    when: 'inputLimit is reached',
    server: limited({ inputLimit: 1 }),
    play: async (stage) => {
      const ann = await stage.join();
      await stage.publish(ann);
      return stage.publish(ann, [{ type: 'audio', mid: '5', source: 'mic' }]);
    },
  },
  ...(['Audio', 'Video'] as const).map((kind): RefusalRow => ({
    request: 'publish',
    text: `${kind} is forbiden`,
    when: 'the room takes no such format',
    server: limited({
      mediaIn: {
        audio: kind === 'Audio' ? [] : [{ codec: 'opus', sampleRate: 48000, channelNum: 2 }],
        video: kind === 'Video' ? [] : [{ codec: 'vp8' }],
      },
    }),
    play: async (stage) => stage.publish(await stage.join()),
  })),
  {
    request: 'publish',
    text: 'Nothing to publish',
    when: 'there is neither media nor data',
    play: async (stage) => (await stage.join()).ask('publish', { media: null }),
  },
  {
    request: 'publish',
    text: /^request(\.request)?\.extra /,
    when: 'a field is not known',
    play: async (stage) => stage.publish(await stage.join(), micAndCamera, { extra: 1 }),
  },
  {
    request: 'publish',
    text: 'Transport t1 does NOT exist',
    when: 'it names a transport that is not its own',
    play: async (stage) =>
      stage.publish(await stage.join(), micAndCamera, { transport: { type: 'webrtc', id: 't1' } }),
  },
  ...(['unpublish', 'unsubscribe'] as const).flatMap((request): RefusalRow[] => [
    {
      request,
      text: `${request === 'unpublish' ? 'Stream' : 'Subscription'} does NOT exist`,
      when: 'it has ended',
      play: async (stage) => (await stage.join()).ask(request, { id: 'gone' }),
    },
    {
      request,
      text: 'unauthorized',
      when: 'it is somebody else’s',
      server: mixes,
      play: async (stage) => {
        const [ann, bob] = [await stage.join(), await stage.join()];
        const stream = await stage.published(ann);
        const id = request === 'unpublish' ? stream : await stage.subscribed(ann, 'video', stage.mixed);
        return bob.ask(request, { id });
      },
    },
    {
      request,
      text: /^request(\.request)?\.id /,
      when: 'an id has characters no id has',
      play: async (stage) => (await stage.join()).ask(request, { id: 'a b' }),
    },
  ]),
  {
    request: 'subscribe',
    text: 'unauthorized',
    when: 'its role may not subscribe to that kind',
    server: mixes,
    play: async (stage) => {
      const ann = await stage.join('audio_only_presenter');
      return ann.ask('subscribe', { media: { tracks: [{ type: 'video', mid: '0', from: stage.mixed }] } });
    },
  },
  ...(
    [
      ['audio', 'Requested audio stream', { from: 'nothing' }],
      ['video', 'Requested video stream', { from: 'nothing' }],
      ['audio', 'Format is not acceptable', { format: { codec: 'mp3' } }],
      ['video', 'Format is not acceptable', { format: { codec: 'theora' } }],
      ['video', 'Resolution is not acceptable', { parameters: { resolution: { width: 321, height: 240 } } }],
      ['video', 'Framerate is not acceptable', { parameters: { framerate: 7 } }],
      ['video', 'Bitrate is not acceptable', { parameters: { bitrate: 'x0.5' } }],
      ['video', 'Bitrate is not acceptable', { parameters: { bitrate: 12345 } }],
      ['video', 'KeyFrameInterval is not acceptable', { parameters: { keyFrameInterval: 77 } }],
    ] as const
  ).map(([kind, why, special]): RefusalRow => ({
    request: 'subscribe',
    text: unsatisfied(kind, why),
    when: `${JSON.stringify(special)} is asked of ${kind}`,
    server: mixes,
    play: (stage) => stage.subscribe(kind, special),
  })),
  {
    request: 'subscribe',
    text: 'Nothing to subscribe',
    when: 'there is neither media nor data',
    play: async (stage) => (await stage.join()).ask('subscribe', { media: null }),
  },
];
