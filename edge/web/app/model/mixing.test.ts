import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Publication } from '../../../client/index.ts';
import type { StreamInfo } from '../../../../schemas/stream.ts';
import { Mixing } from './mixing.ts';
import { mixedWith } from './scripted-cast.ts';
import type { CastOptions } from './scripted-cast.ts';

let asked: string[];
let refusals: string[];
let streams: Map<string, StreamInfo>;

beforeEach(() => {
  asked = [];
  refusals = [];
  vi.stubGlobal('fetch', (path: string, { method, body }: { method: string; body: string }) => {
    const [{ path: what, value }] = JSON.parse(body) as [{ path: string; value: unknown }];
    const named = Array.isArray(value)
      ? value.map((entry: { stream?: string }) => entry.stream ?? '-').join(' ')
      : String(value);
    asked.push(`${method} ${path} ${what} ${named}`);
    return Promise.resolve({ ok: true });
  });
});
afterEach(() => vi.unstubAllGlobals());

function mixing(
  layout: readonly (string | undefined)[],
  { wishes = { camera: true, screen: false }, ...options }: CastOptions & { wishes?: Mixes } = {},
): Mixing {
  const { mixed, cast } = mixedWith(layout, options);
  streams = new Map([...cast.streams, [mixed.id, mixed]]);
  const control = (words: string): Promise<void> => {
    asked.push(words);
    return words.includes('refused') ? Promise.reject(new Error('unauthorized')) : Promise.resolve();
  };
  const conference = {
    me: { id: 'me', user: 'Me', role: 'presenter' },
    room: 'room',
    participants: cast.participants,
    streams,
    mix: (stream: string, view: string) => control(`mix ${stream} ${view}`),
    unmix: (stream: string, view: string) => control(`unmix ${stream} ${view}`),
    setRegion: (stream: string, view: string, region: string) =>
      control(`set-region ${stream} ${view} ${region}`),
  };
  return new Mixing(conference, 'common', wishes, (error) => refusals.push(String(error)));
}
type Mixes = Readonly<Record<'camera' | 'screen', boolean>>;

function publication(): Publication {
  const carrier = { unpublish: () => undefined, control: () => Promise.resolve() };
  const media = { getAudioTracks: () => [], getVideoTracks: () => [] };
  return new Publication(carrier, media as unknown as MediaStream, {});
}

describe('our own stream', () => {
  it('is mixed once it is up, and again when it was made anew', () => {
    const camera = publication();
    mixing(['ana-1']).carry('camera', camera);
    expect(asked).toEqual([]);
    camera.enter({ phase: 'live', id: 'me-1' });
    camera.enter({ phase: 'recovering', reason: 'Node lost' });
    camera.enter({ phase: 'live', id: 'me-9' });
    expect(asked).toEqual(['mix me-1 common', 'mix me-9 common']);
  });

  it('is mixed at once when it was up before', () => {
    const camera = publication();
    camera.enter({ phase: 'live', id: 'me-1' });
    mixing(['ana-1']).carry('camera', camera);
    expect(asked).toEqual(['mix me-1 common']);
  });

  it('is left out by wish, and taken in and out later', () => {
    const mix = mixing(['ana-1']);
    const screen = publication();
    screen.enter({ phase: 'live', id: 'me-2' });
    mix.carry('screen', screen);
    expect(asked).toEqual([]);
    mix.setWish('screen', true);
    mix.setWish('screen', false);
    expect(asked).toEqual(['mix me-2 common', 'unmix me-2 common']);
    expect([mix.wishes('camera'), mix.wishes('screen')]).toEqual([true, false]);
  });

  it('is not asked for where nothing mixes', () => {
    const mix = mixing(['ana-1']);
    streams.delete('room-common');
    const camera = publication();
    camera.enter({ phase: 'live', id: 'me-1' });
    mix.carry('camera', camera);
    expect(asked).toEqual([]);
  });

  it('tells of a refusal', async () => {
    const camera = publication();
    camera.enter({ phase: 'live', id: 'refused' });
    mixing(['ana-1']).carry('camera', camera);
    await vi.waitFor(() => expect(refusals).toEqual(['Error: unauthorized']));
  });

  it('counts as mixed when the room says so', () => {
    const camera = publication();
    camera.enter({ phase: 'live', id: 'me-1' });
    const inside = mixing(['me-1']);
    inside.carry('camera', camera);
    const outside = mixing(['ana-1']);
    outside.carry('camera', camera);
    expect([inside.isMixed('camera'), outside.isMixed('camera'), inside.isMixed('screen')]).toEqual([
      true,
      false,
      false,
    ]);
  });
});

it('takes in what of others is outside', async () => {
  const mix = mixing(['ana-1', 'me-1'], { inViews: ['bo-1'] });
  for (const figure of mix.outside) await mix.takeIn(figure);
  expect(asked).toEqual(['PATCH /rooms/room/streams/bo-2 /info/inViews common']);
});

describe('the layout', () => {
  const patch = 'PATCH /rooms/room/streams/room-common /info/layout';
  const choose = async (mix: Mixing, key: string): Promise<void> => {
    const choice = mix.choices.find((each) => each.key === key);
    if (choice === undefined) throw new Error(`no ${key}`);
    await mix.choose(choice);
  };

  it('is offered for all who are mixed, with a place or without', () => {
    const mix = mixing(['ana-1'], { inViews: ['ana-1', 'bo-1', 'me-1', 'bo-2'] });
    expect(mix.choices.find(({ key }) => key === 'grid')?.regions).toHaveLength(4);
    expect(mix.waiting.map(({ stream }) => stream)).toEqual(['bo-1', 'bo-2', 'me-1']);
    expect(mix.chosen?.key).toBe('single');
  });

  it('keeps everybody’s order', async () => {
    await choose(mixing(['bo-1', 'ana-1', 'me-1', undefined]), 'rows');
    expect(asked).toEqual([`${patch} bo-1 ana-1 me-1`]);
  });

  it('puts a shared screen first', async () => {
    await choose(mixing(['ana-1', 'bo-1', 'bo-2', 'me-1'], { speaker: 'ana-1' }), 'lecture');
    expect(asked).toEqual([`${patch} bo-2 ana-1 bo-1 me-1 - -`]);
  });

  it('of only one is of who speaks', async () => {
    await choose(mixing(['ana-1', 'bo-1'], { speaker: 'bo-1' }), 'single');
    expect(asked).toEqual([`${patch} bo-1`]);
  });
});

describe('changing places', () => {
  const move = async (stream: string, to: number): Promise<void> => {
    const mix = mixing(['ana-1', 'bo-1', 'me-1', undefined]);
    const figure = mix.places.find((place) => place.figure?.stream === stream)?.figure;
    const place = mix.places[to];
    if (figure === undefined || place === undefined) throw new Error('not there');
    await mix.exchange(figure, place);
  };

  it.each([
    ['our own', 'me-1', 0, ['set-region me-1 common 1']],
    ['with our own', 'bo-1', 2, ['set-region me-1 common 2']],
    ['of others', 'ana-1', 1, ['PATCH /rooms/room/streams/room-common /info/layout/1/stream ana-1']],
    ['with nobody', 'ana-1', 3, []],
  ])('%s', async (_case, stream, to, expected) => {
    await move(stream, to);
    expect(asked).toEqual(expected);
  });
});
