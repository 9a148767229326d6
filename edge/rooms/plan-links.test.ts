// Owns the tests of what crosses between workers: small documents by hand, and what must hold of every plan.
import { describe, expect, it } from 'vitest';
import type { DesiredMixer, DesiredRoom, DesiredTransport } from '../../schemas/worker.ts';
import { decide } from './decide.ts';
import { planLinks } from './plan-links.ts';
import { plan } from './plan.ts';
import { RandomCommands, document, transcoders } from './scripted-commands.ts';
import { holds } from './scripted-invariants.ts';
import { ScriptedRoom } from './scripted-room.ts';
import { Dice } from './view/scripted-dice.ts';

const opus = { codec: 'opus' } as const;
const vp8 = { codec: 'vp8' } as const;
const region = {
  id: '1',
  shape: 'rectangle',
  area: { left: '0/1', top: '0/1', width: '1/1', height: '1/1' },
} as const;

/** Transports with what they publish (`mid`s of video) and subscribe to (track ids). */
function transport(
  id: string,
  publishes: readonly string[],
  takes: readonly string[] = [],
): DesiredTransport {
  return {
    id,
    participant: id,
    publications: [
      { id, tracks: publishes.map((mid) => ({ mid, kind: 'video', formats: [], paused: false })) },
    ],
    subscriptions: takes.map((from) => ({
      id: `${id}<${from}`,
      tracks: [{ mid: '9', kind: 'video', from, formats: [], preference: 'formats', paused: false }],
    })),
  };
}

function audioMixer(id: string, takes: readonly string[], makes: readonly string[]): DesiredMixer {
  return {
    kind: 'audio',
    id,
    inputs: takes.map((track) => ({
      id: track,
      stream: track,
      owner: 'o',
      track,
      format: opus,
      active: true,
    })),
    outputs: makes.map((track) => ({ track, format: opus })),
  };
}

function videoMixer(id: string, layers: readonly (readonly [string, number])[]): DesiredMixer {
  const video = { framerate: 30, bitrateKbps: 500, keyFrameInterval: 2, format: vp8 };
  return {
    kind: 'video',
    id,
    background: { r: 0, g: 0, b: 0 },
    fit: 'letterbox',
    inputs: [
      {
        id: 'i',
        stream: 's',
        active: true,
        region,
        layers: layers.map(([track, width]) => ({
          track,
          format: vp8,
          resolution: { width, height: width },
        })),
      },
    ],
    outputs: [{ track: 'out', resolution: { width: 300, height: 300 }, ...video }],
  };
}

type Rooms = Readonly<Record<string, { transports?: DesiredTransport[]; mixers?: DesiredMixer[] }>>;

/** `a>b: t u` for every worker and peer, as the worker that sends is told, and `b<a: …` as the one that receives is. */
function links(rooms: Rooms): string[] {
  const documents = Object.entries(rooms).map(([worker, { transports = [], mixers = [] }]) => {
    const each: DesiredRoom = { room: 'r', version: 1, transports, mixers };
    return [worker, each] as const;
  });
  const ids = (tracks: readonly { track: string }[]): string => tracks.map(({ track }) => track).join(' ');
  return [...planLinks(new Map(documents))].flatMap(([worker, planned]) =>
    (planned.links ?? []).flatMap(({ peer, incoming, outgoing }) => [
      ...(outgoing.length === 0 ? [] : [`${worker}>${peer}: ${ids(outgoing)}`]),
      ...(incoming.length === 0 ? [] : [`${worker}<${peer}: ${ids(incoming)}`]),
    ]),
  );
}

describe('links', () => {
  it.each<readonly [string, Rooms, readonly string[]]>([
    ['are not there where one worker has all', { a: { transports: [transport('t', ['0'], ['t-0'])] } }, []],
    [
      'are not there for what is produced next door and not asked for',
      { a: { transports: [transport('t', ['0'])] }, b: { transports: [transport('u', ['0'], ['u-0'])] } },
      [],
    ],
    [
      'carry a track once, however many subscribe to it',
      {
        a: { transports: [transport('t', ['0', '1'])] },
        b: { transports: [transport('u', [], ['t-0']), transport('v', [], ['t-0'])] },
      },
      ['a>b: t-0', 'b<a: t-0'],
    ],
    [
      'go from where a track is produced to each worker that takes it',
      {
        a: { transports: [transport('t', ['0'])] },
        b: { transports: [transport('u', ['0'], ['t-0'])] },
        c: { transports: [transport('v', [], ['t-0', 'u-0'])] },
      },
      ['a>b: t-0', 'a>c: t-0', 'b<a: t-0', 'b>c: u-0', 'c<a: t-0', 'c<b: u-0'],
    ],
    [
      'carry both ways',
      {
        a: { transports: [transport('t', ['0'], ['u-0'])] },
        b: { transports: [transport('u', ['0'], ['t-0'])] },
      },
      ['a>b: t-0', 'a<b: u-0', 'b>a: u-0', 'b<a: t-0'],
    ],
    [
      'carry the simulcast layer that is subscribed to and no other',
      { a: { transports: [transport('t', ['0'])] }, b: { transports: [transport('u', [], ['t-0:h'])] } },
      ['a>b: t-0:h', 'b<a: t-0:h'],
    ],
    [
      'carry what is mixed to the mixer and its outputs to who takes them',
      {
        a: { transports: [transport('t', ['0'], ['mix/opus'])] },
        b: { mixers: [audioMixer('m', ['t-0'], ['mix/opus', 'mix/pcmu'])] },
      },
      ['a>b: t-0', 'a<b: mix/opus', 'b>a: mix/opus', 'b<a: t-0'],
    ],
    [
      'carry no layer that the mixer would not decode',
      {
        a: { transports: [transport('t', ['0'])] },
        b: {
          mixers: [
            videoMixer('m', [
              ['t-0:q', 160],
              ['t-0:h', 320],
              ['t-0:f', 640],
            ]),
          ],
        },
      },
      ['a>b: t-0:q t-0:h', 'b<a: t-0:q t-0:h'],
    ],
    [
      'carry selected audio',
      {
        a: {
          mixers: [
            {
              kind: 'selector',
              id: 's',
              inputs: [{ stream: 'u', track: 'u-0', format: opus, active: true }],
              outputs: ['active-audio-0'],
            },
          ],
        },
        b: { transports: [transport('u', ['0'], ['active-audio-0'])] },
      },
      ['a>b: active-audio-0', 'a<b: u-0', 'b>a: u-0', 'b<a: active-audio-0'],
    ],
    [
      'know nothing of a track that nobody produces',
      { a: { transports: [transport('t', ['0'])] }, b: { transports: [transport('u', [], ['x-0'])] } },
      [],
    ],
  ])('%s', (_case, rooms, expected) => {
    expect(links(rooms)).toEqual(expected);
  });
});

describe('the links of every plan', () => {
  const seeds = Array.from({ length: Number(process.env.ROOM_SEEDS ?? 15) }, (_, each) => each + 1);
  let crossed = 0;

  it.each(seeds)('of seed %i bring each worker what it consumes, once', (seed) => {
    const generator = new RandomCommands(new Dice(seed));
    const room = new ScriptedRoom();
    room.run({ type: 'open', document, transcoders });
    for (let step = 0; step < 300; step += 1) {
      const command = generator.command(room.state);
      if (!decide(room.state, command, 0).ok) continue;
      room.run(command);
      crossed += checkLinks(plan(room.state).desired);
    }
  });

  it('of these seeds carried something', () => {
    holds(crossed > 100, `tracks crossed, not ${crossed}`);
  });
});

/** How many tracks cross. */
function checkLinks(documents: ReadonlyMap<string, DesiredRoom>): number {
  let count = 0;
  for (const [worker, document] of documents) {
    const own = producedIn(document);
    const incoming = (document.links ?? []).flatMap((link) => link.incoming.map(({ track }) => track));
    count += incoming.length;
    holds(new Set(incoming).size === incoming.length, 'nothing comes in twice');
    holds(!incoming.some((track) => isIn(track, own)), 'nothing comes in that is produced here');
    const consumed = new Set(consumedIn(document));
    holds(
      incoming.every((track) => consumed.has(track)),
      'all that comes in is wanted',
    );
    for (const { peer, incoming: here, outgoing } of document.links ?? []) {
      holds(peer !== worker, 'a link leads to another worker');
      holds(here.length + outgoing.length > 0, 'a link carries something');
      const back = documents.get(peer)?.links?.find((link) => link.peer === worker);
      holds(JSON.stringify(back?.outgoing ?? []) === JSON.stringify(here), 'both ends say the same');
    }
    for (const track of consumed) {
      const elsewhere = [...documents].some(
        ([other, each]) => other !== worker && isIn(track, producedIn(each)),
      );
      const there = isIn(track, own) || incoming.includes(track) || isLargerLayer(track, document, incoming);
      holds(!elsewhere || there, 'what is consumed is produced here or comes in');
    }
  }
  return count;
}

/** A layer of a mixer's input of which a smaller one comes in. */
function isLargerLayer(track: string, { mixers }: DesiredRoom, incoming: readonly string[]): boolean {
  return mixers.some(
    (mixer) =>
      mixer.kind === 'video' &&
      mixer.inputs.some(
        ({ layers }) =>
          layers.some((layer) => layer.track === track) &&
          layers.some((layer) => layer.track !== track && incoming.includes(layer.track)),
      ),
  );
}

function producedIn({ transports, mixers }: DesiredRoom): string[] {
  const published = transports.flatMap((each) =>
    each.publications.flatMap(({ tracks }) => tracks.map(({ mid }) => `${each.id}-${mid}`)),
  );
  const made = mixers.flatMap(({ outputs }) =>
    outputs.map((output) => (typeof output === 'string' ? output : output.track)),
  );
  return [...published, ...made];
}

function isIn(track: string, produced: readonly string[]): boolean {
  return produced.some((each) => track === each || track.startsWith(`${each}:`));
}

function consumedIn({ transports, mixers }: DesiredRoom): string[] {
  const subscribed = transports.flatMap(({ subscriptions }) =>
    subscriptions.flatMap(({ tracks }) => tracks.flatMap(({ from }) => from ?? [])),
  );
  const mixed = mixers.flatMap((mixer) =>
    mixer.kind === 'video'
      ? mixer.inputs.flatMap(({ layers }) => layers.map(({ track }) => track))
      : mixer.inputs.map(({ track }) => track),
  );
  return [...subscribed, ...mixed];
}
