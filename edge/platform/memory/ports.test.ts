import { describe, expect, it } from 'vitest';
import { roomDocument } from '../../store/conformance/room-document.ts';
import { nodeRandom } from '../node/random.ts';
import { createManualClock } from './manual-clock.ts';
import { createMemoryPorts, type Persistence } from './ports.ts';

function createNotebook(text?: string) {
  const saved: string[] = text === undefined ? [] : [text];
  const persistence: Persistence = {
    load: async () => saved.at(-1),
    save: async (next) => {
      saved.push(next);
    },
  };
  return { saved, persistence };
}

describe('persistence of the memory directory', () => {
  it('brings back services, rooms and keys', async () => {
    const { saved, persistence } = createNotebook();
    const clock = createManualClock();
    const before = await createMemoryPorts({ clock, random: nodeRandom, persistence });
    const service = await before.directory.createService({ _id: '', name: 's', key: 'k', encrypted: false });
    const room = await before.directory.createRoom(service._id, roomDocument('r'), 'west');
    await before.directory.keys('a', () => 'made');
    await before.directory.rotate('a', () => 'next', Infinity);
    const ring = await before.directory.rotate('a', () => 'last', 60_000);
    await before.close();
    expect(saved).toHaveLength(1);

    const after = await createMemoryPorts({ clock, random: nodeRandom, persistence });
    expect(await after.directory.services()).toEqual([{ ...service, rooms: [room._id] }]);
    expect(await after.directory.rooms(service._id)).toEqual([room]);
    expect(await after.directory.room(room._id)).toMatchObject({ home: 'west' });
    expect(await after.directory.keys('a', () => 'another')).toEqual(ring);
    const next = await after.directory.createRoom(service._id, roomDocument('later'));
    expect(next._id > room._id).toBe(true);
    await after.close();
  });

  it('reads what was saved before keys had ids', async () => {
    const { persistence } = createNotebook(
      '{"version":1,"services":[],"rooms":[],"tokens":[{"any":1}],"secrets":{"a":"old","b":"other"}}',
    );
    const { directory } = await createMemoryPorts({
      clock: createManualClock(),
      random: nodeRandom,
      persistence,
    });
    const current = { id: '00000000', secret: 'old', since: 0 };
    expect(await directory.keys('a', () => 'never')).toEqual({ current, previous: [] });
  });

  it('saves soon after a change, many changes at once, and nothing when nothing changed', async () => {
    const { saved, persistence } = createNotebook();
    const clock = createManualClock();
    const { directory, close } = await createMemoryPorts({ clock, random: nodeRandom, persistence });
    for (const name of ['a', 'b', 'c']) {
      await directory.createService({ _id: '', name, key: 'k', encrypted: false });
    }
    expect(saved).toHaveLength(0);
    await clock.advance(100);
    expect(saved).toHaveLength(1);
    await clock.advance(10_000);
    await close();
    expect(saved).toHaveLength(1);
  });

  it('tries again when saving failed', async () => {
    const { saved, persistence } = createNotebook();
    let failing = true;
    const clock = createManualClock();
    const { directory } = await createMemoryPorts({
      clock,
      random: nodeRandom,
      persistence: {
        ...persistence,
        save: async (text) => {
          if (failing) throw new Error('disk full');
          await persistence.save(text);
        },
      },
    });
    await directory.createService({ _id: '', name: 'a', key: 'k', encrypted: false });
    await clock.advance(500);
    failing = false;
    await clock.advance(1500);
    expect(saved).toHaveLength(1);
    expect(saved[0]).toContain('"name": "a"');
  });

  it.each(['', '{', '[]', '{"version":3}', '{"version":2}', '{"version":1,"services":[{}]}'])(
    'refuses to begin with the damaged text %j',
    async (text) => {
      const { saved, persistence } = createNotebook(text);
      await expect(
        createMemoryPorts({ clock: createManualClock(), random: nodeRandom, persistence }),
      ).rejects.toMatchObject({ code: 'internal' });
      expect(saved).toEqual([text]);
    },
  );
});
