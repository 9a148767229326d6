import { beforeEach, describe, expect, it } from 'vitest';
import { createMemoryPorts } from '../platform/memory/ports.ts';
import type { Directory } from '../store/directory.ts';
import { ensureServices } from './first-run.ts';
import { HastyClock, seededRandom } from './scripted-server.ts';

const random = seededRandom(3);
let directory: Directory;
beforeEach(async () => {
  ({ directory } = await createMemoryPorts({ clock: new HastyClock(), random }));
});

describe('ensureServices', () => {
  it('makes two services with random keys, sealed in the store, and the sample room', async () => {
    const first = await ensureServices(directory, random);
    expect(first.created).toBe(true);
    expect(first.superService).toMatchObject({ name: 'superService', encrypted: true });
    expect(first.sampleService).toMatchObject({ name: 'sampleService', encrypted: true });
    expect(atob(first.superService.key)).toHaveLength(128);
    expect(first.superService.key).not.toBe(first.sampleService.key);
    expect(JSON.stringify(await directory.services())).not.toContain(first.superService.key);
    expect(await directory.room(first.sampleRoom)).toMatchObject({
      service: first.sampleService._id,
      room: { name: 'sampleRoom', views: [{ label: 'common' }] },
    });
  });

  it('cluster#25 changes nothing the second time', async () => {
    const first = await ensureServices(directory, random);
    const again = await ensureServices(directory, seededRandom(4));
    expect(again).toMatchObject({
      superService: { _id: first.superService._id, key: first.superService.key },
      sampleService: {
        _id: first.sampleService._id,
        key: first.sampleService.key,
        rooms: [first.sampleRoom],
      },
      sampleRoom: first.sampleRoom,
      created: false,
    });
    expect(await directory.rooms(first.sampleService._id)).toHaveLength(1);
  });

  it('makes what is missing', async () => {
    const first = await ensureServices(directory, random);
    await directory.removeRoom(first.sampleService._id, first.sampleRoom);
    const again = await ensureServices(directory, random);
    expect(again.created).toBe(true);
    expect(again.superService._id).toBe(first.superService._id);
    expect(await directory.room(again.sampleRoom)).toBeDefined();
  });
});
