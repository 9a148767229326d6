// Owns the proof that no signaling verb does anything for whom it is not: every request of the schemas, about what is
// somebody else's, by everybody who may not, over both gateways. All are refused and nothing changes. Then the owner asks
// the same, so that a refusal is not for another reason.
import * as v from 'valibot';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  clientSignalingSchema,
  streamControlSchema,
  subscriptionControlSchema,
  type ClientSignaling,
  type StreamControlRequest,
  type SubscriptionControlRequest,
} from '../../schemas/request.ts';
import { signalMessageSchema } from '../../schemas/signal.ts';
import {
  createSignalingScene,
  gateways,
  intruders,
  owtForm,
  type Ask,
  type Intruder,
  type SignalingScene,
  type Target,
} from './signaling-scene.ts';

interface Case {
  readonly what: string;
  readonly by: readonly Intruder[];
  readonly ask: (target: Target) => Ask;
  /** What the owner is not refused; absent: the same. */
  readonly allowed?: ((target: Target) => Ask) | 'nobody';
}

const everybody = intruders;
const outside: readonly Intruder[] = ['nobody', 'otto'];
const tracks = ['audio', 'video'] as const;
const sources = { audio: 'mic', video: 'camera' } as const;
const published = tracks.map((type, mid) => ({ type, mid: String(mid + 7), source: sources[type] }));
const wanted = (from: string, kinds: readonly ('audio' | 'video')[] = tracks) => ({
  tracks: kinds.map((type, mid) => ({ type, mid: String(mid + 7), from })),
});

const streamControls: Readonly<
  Record<StreamControlRequest['operation'], (id: string) => StreamControlRequest>
> = {
  pause: (id) => ({ id, operation: 'pause', data: 'av' }),
  play: (id) => ({ id, operation: 'play', data: 'av' }),
  mix: (id) => ({ id, operation: 'mix', data: 'common' }),
  unmix: (id) => ({ id, operation: 'unmix', data: 'common' }),
  'get-region': (id) => ({ id, operation: 'get-region', data: 'common' }),
  'set-region': (id) => ({ id, operation: 'set-region', data: { view: 'common', region: '1' } }),
};
const subscriptionControls: Readonly<
  Record<SubscriptionControlRequest['operation'], (id: string, target: Target) => SubscriptionControlRequest>
> = {
  pause: (id) => ({ id, operation: 'pause', data: 'video' }),
  play: (id) => ({ id, operation: 'play', data: 'video' }),
  update: (id, { stream }) => ({ id, operation: 'update', data: { video: { from: stream } } }),
};
const candidate = { candidate: 'candidate:1 1 udp 1 192.0.2.1 9 typ host', sdpMid: '0' };
const signalings: Readonly<Record<ClientSignaling['type'], ClientSignaling>> = {
  offer: { type: 'offer', sdp: 'v=0' },
  answer: { type: 'answer', sdp: 'v=0' },
  candidate: { type: 'candidate', candidate },
  'removed-candidates': { type: 'removed-candidates', candidates: [candidate] },
};

const userAgent = { sdk: { type: 'test', version: '1' } };
const nobody: readonly Intruder[] = ['nobody'];

/** A verb without a case is an error of the compiler, and of a test below. */
const table: Readonly<Record<Ask['do'], readonly Case[]>> = {
  join: [
    {
      what: 'with a token that was used',
      by: nobody,
      ask: ({ spentToken: token }) => ({ do: 'join', token, userAgent }),
      allowed: 'nobody',
    },
    {
      what: 'with a forged token',
      by: nobody,
      ask: ({ forgedToken: token }) => ({ do: 'join', token, userAgent }),
      allowed: 'nobody',
    },
  ],
  resume: [
    {
      what: 'with a forged ticket',
      by: nobody,
      ask: ({ forgedTicket: ticket }) => ({ do: 'resume', ticket, seq: 0, epoch: 'e' }),
      allowed: 'nobody',
    },
  ],
  ticket: [{ what: 'without having come', by: nobody, ask: () => ({ do: 'ticket' }) }],
  leave: [{ what: 'without having come', by: nobody, ask: () => ({ do: 'leave' }) }],
  publish: [
    {
      what: 'without the right',
      by: ['nobody', 'vera', 'lena'],
      ask: () => ({ do: 'publish', request: { media: { tracks: published } } }),
    },
    {
      what: 'on the transport',
      by: everybody,
      ask: ({ transport: id }) => ({
        do: 'publish',
        request: { media: { tracks: published }, transport: { type: 'webrtc', id } },
      }),
    },
  ],
  unpublish: [
    { what: 'the stream', by: everybody, ask: ({ stream: id }) => ({ do: 'unpublish', request: { id } }) },
  ],
  subscribe: [
    {
      what: 'to the stream without the right',
      by: ['nobody', 'lena', 'otto'],
      ask: ({ stream }) => ({ do: 'subscribe', request: { media: wanted(stream) } }),
    },
    {
      what: 'to a track',
      by: outside,
      ask: ({ track }) => ({ do: 'subscribe', request: { media: wanted(track, ['audio']) } }),
    },
    {
      what: 'to the mixed stream of the room',
      by: outside,
      ask: ({ mixed }) => ({ do: 'subscribe', request: { media: wanted(mixed) } }),
    },
    {
      what: 'on the transport',
      by: everybody,
      ask: ({ stream, transport: id }) => ({
        do: 'subscribe',
        request: { media: wanted(stream, ['video']), transport: { type: 'webrtc', id } },
      }),
    },
  ],
  unsubscribe: [
    {
      what: 'the subscription',
      by: everybody,
      ask: ({ subscription: id }) => ({ do: 'unsubscribe', request: { id } }),
    },
  ],
  'stream-control': Object.entries(streamControls).flatMap(([operation, make]): readonly Case[] => [
    {
      what: `${operation} the stream`,
      by: everybody,
      ask: ({ stream }) => ({ do: 'stream-control', request: make(stream) }),
    },
    {
      what: `${operation} the mixed stream`,
      by: everybody,
      ask: ({ mixed }) => ({ do: 'stream-control', request: make(mixed) }),
      allowed: 'nobody',
    },
  ]),
  'subscription-control': Object.entries(subscriptionControls).map(([operation, make]): Case => ({
    what: `${operation} the subscription`,
    by: everybody,
    ask: (target) => ({ do: 'subscription-control', request: make(target.subscription, target) }),
  })),
  text: [
    {
      what: 'to a participant of another room',
      by: outside,
      ask: ({ participant: to }) => ({ do: 'text', request: { to, message: 'hello' } }),
    },
    {
      what: 'to all',
      by: nobody,
      ask: () => ({ do: 'text', request: { to: 'all', message: 'hello' } }),
    },
  ],
  signal: Object.values(signalings).map((signaling): Case => ({
    what: `${signaling.type} for the transport`,
    // An answer is read by nobody, so whose it is, is not looked at.
    by: signaling.type === 'answer' ? nobody : everybody,
    ask: ({ transport }) => ({ do: 'signal', transport, signaling }),
  })),
  stats: [{ what: 'of the transport', by: everybody, ask: ({ transport }) => ({ do: 'stats', transport }) }],
  'mixer-stats': [{ what: 'of the room', by: nobody, ask: () => ({ do: 'mixer-stats' }) }],
  'ice-servers': [{ what: 'of the cluster', by: nobody, ask: () => ({ do: 'ice-servers' }) }],
};

const dummy: Target = {
  ...{ participant: 'x', stream: 'x', track: 'x', transport: 'x', subscription: 'x', mixed: 'x' },
  ...{ spentToken: 'x', forgedToken: 'x', forgedTicket: 'x' },
};
const cases = Object.values(table).flat();
const said = (each: Case) => `${each.ask(dummy).do} ${each.what}`;

/** What the options of a variant are told apart by: each has one literal, or several. */
function names(key: string, schema: { readonly options: readonly object[] }): readonly string[] {
  return schema.options.flatMap((option) => {
    const { entries } = v.parse(optionSchema, option);
    const entry = v.parse(keySchema, entries[key]);
    return 'options' in entry ? entry.options : [entry.literal];
  });
}
const optionSchema = v.object({ entries: v.record(v.string(), v.unknown()) });
const keySchema = v.union([v.object({ options: v.array(v.string()) }), v.object({ literal: v.string() })]);

describe('the sweep', () => {
  it('has a case for every verb, every operation and every kind of signaling', () => {
    expect(Object.keys(table).sort()).toEqual([...names('do', signalMessageSchema)].sort());
    expect(Object.keys(streamControls).sort()).toEqual([...names('operation', streamControlSchema)].sort());
    expect(Object.keys(subscriptionControls).sort()).toEqual(
      [...names('operation', subscriptionControlSchema)].sort(),
    );
    expect(Object.keys(signalings).sort()).toEqual([...names('type', clientSignalingSchema)].sort());
    for (const [verb, list] of Object.entries(table)) {
      expect(list.length, verb).toBeGreaterThan(0);
      expect(
        list.some(({ by }) => by.includes('nobody')),
        verb,
      ).toBe(true);
    }
  });
});

describe.each(gateways)('%s refuses, and changes nothing', (gateway) => {
  let scene: SignalingScene;
  let before: string;
  beforeAll(async () => {
    scene = await createSignalingScene(gateway);
    before = await scene.state();
  });
  afterAll(() => scene.close());
  const has = (each: Case) => gateway === 'sluice.1' || owtForm(each.ask(dummy)) !== undefined;

  it('is compared with all that there is', () => {
    const { participant, stream, subscription, track } = scene.target;
    for (const id of [participant, stream, subscription, track]) expect(before).toContain(`"${id}"`);
  });

  it.each(cases.filter(has).flatMap((each) => each.by.map((who) => [said(each), who, each] as const)))(
    '%s by %s',
    async (_, who, each) => {
      const refusal = await scene.ask(who, each.ask(scene.target));
      expect(refusal).toBeDefined();
      // That would be a refusal of anything.
      expect(refusal).not.toMatch(/Too many|Unknown|Internal/);
      expect(await scene.state()).toBe(before);
    },
  );
});

describe.each(gateways)('%s does for its owner', (gateway) => {
  const has = (each: Case) =>
    each.allowed !== 'nobody' && (gateway === 'sluice.1' || owtForm(each.ask(dummy)) !== undefined);

  it.each(cases.filter(has).map((each) => [said(each), each] as const))('%s', async (_, each) => {
    const scene = await createSignalingScene(gateway);
    try {
      expect(await scene.ask('ann', each.ask(scene.target))).toBeUndefined();
    } finally {
      await scene.close();
    }
  });
});
