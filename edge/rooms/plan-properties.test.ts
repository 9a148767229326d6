// Owns what must hold of every plan, whatever was asked of its room.
import * as v from 'valibot';
import { describe, it } from 'vitest';
import { desiredRoomSchema, type DesiredMixer } from '../../schemas/worker.ts';
import { decide } from './decide.ts';
import { plan } from './plan.ts';
import { RandomCommands, document, transcoders } from './scripted-commands.ts';
import { holds } from './scripted-invariants.ts';
import { ScriptedRoom } from './scripted-room.ts';
import type { RoomState } from './state.ts';
import { Dice } from './view/scripted-dice.ts';

describe('every plan', () => {
  const first = Number(process.env.ROOM_SEED ?? 1);
  const seeds = Array.from({ length: Number(process.env.ROOM_SEEDS ?? 15) }, (_, each) => first + each);

  let made = 0;

  it.each(seeds)('of seed %i makes what its subscriptions are carried by, and nothing else', (seed) => {
    const generator = new RandomCommands(new Dice(seed));
    const room = new ScriptedRoom();
    room.run({ type: 'open', document, transcoders });
    for (let step = 0; step < 300; step += 1) {
      const command = generator.command(room.state);
      if (!decide(room.state, command, 0).ok) continue;
      room.run(command);
      made += checkMixers(room.state);
    }
  });

  it('of these seeds made something', () => {
    holds(made > 1000, 'outputs were made');
  });
});

/** How many outputs there are. */
function checkMixers(state: RoomState): number {
  const { desired, mixes } = plan(state);
  const documents = [...desired.values()];
  for (const each of documents)
    holds(v.safeParse(desiredRoomSchema, each).success, 'a document is well-formed');
  const mixers = documents.flatMap((each) => each.mixers);
  holds(
    mixers.length > 0 === (mixes !== false && state.mixing !== undefined),
    'mixers run where they were placed, if at all',
  );
  for (const [worker, each] of desired) {
    holds(each.mixers.length === 0 || worker === state.mixing?.worker, 'all of them on one worker');
  }
  holds(distinct(mixers.map(({ id }) => id)), 'a mixer is there once');
  const published = new Set([...state.streams.values()].flatMap(({ tracks }) => tracks.map(({ id }) => id)));
  for (const mixer of mixers) checkInputs(mixer, published);

  const outputs = mixers.flatMap(outputsOf);
  holds(distinct(outputs), 'an output is there once');
  const subscribed = documents
    .flatMap(({ transports }) => transports.flatMap(({ subscriptions }) => subscriptions))
    .flatMap(({ id, tracks }) => tracks.map((track) => ({ id, ...track })));
  const carriers = new Set(subscribed.map(({ from }) => from));
  for (const mixer of mixers.filter(({ kind }) => kind !== 'selector')) {
    holds(
      outputsOf(mixer).every((output) => carriers.has(output)),
      'an output has a subscriber',
    );
  }
  const there = new Set([
    ...published,
    ...outputs,
    ...state.selected.map((_, index) => `active-audio-${index}`),
  ]);
  for (const { id, mid, from } of subscribed) {
    const track = state.subscriptions.get(id)?.tracks.find((each) => each.mid === mid);
    holds(track?.format === undefined || from !== undefined, 'what has a format has a carrier');
    if (state.mixing !== undefined) holds(from === undefined || there.has(from), 'a carrier is there');
  }
  return outputs.length;
}

function checkInputs(mixer: DesiredMixer, published: ReadonlySet<string>): void {
  const tracks =
    mixer.kind === 'video'
      ? mixer.inputs.flatMap(({ layers }) => layers.map(({ track }) => track))
      : mixer.inputs.map(({ track }) => track);
  holds(distinct(tracks), 'a track goes into a mixer once');
  holds(
    tracks.every((track) => published.has(track)),
    'an input is published',
  );
  const needed = mixer.outputs.length > 0 || ('voice' in mixer && tracks.length > 0);
  holds(needed, 'a mixer is there for somebody');
}

function outputsOf({ outputs }: DesiredMixer): string[] {
  return outputs.map((output) => (typeof output === 'string' ? output : output.track));
}

function distinct(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}
