import { describe, expect, it } from 'vitest';
import { channelAt, splitChannel } from '../../schemas/bus.ts';
import { createManualClock } from '../platform/memory/manual-clock.ts';
import { createMemoryPorts } from '../platform/memory/ports.ts';
import { nodeRandom } from '../platform/node/random.ts';
import type { HomePorts } from '../store/homes.ts';
import { createHomes } from './homes.ts';

const makePorts = () => createMemoryPorts({ clock: createManualClock(), random: nodeRandom });

/** Homes `west` and `east`; the directory is beside that of west when there is no third store. */
async function makeHomes(third?: HomePorts) {
  const [west, east] = [await makePorts(), await makePorts()];
  const named = new Map([
    ['west', west],
    ['east', east],
  ]);
  return { west, east, homes: createHomes(third ?? west, named, 'east') };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 0));

describe('homes', () => {
  it('without any are the one store that there is', async () => {
    const ports = await makePorts();
    const homes = createHomes(ports);
    expect(homes.of(undefined)).toBe(ports);
    expect(homes.all).toEqual([ports]);
    expect(homes.bus).toBe(ports.bus);
    expect(() => homes.of('west')).toThrow(expect.objectContaining({ code: 'unavailable' }) as Error);
  });

  it('have the ports of each name, each store once', async () => {
    const { west, east, homes } = await makeHomes();
    expect(homes.own).toBe('east');
    expect(homes.of('west')).toBe(west);
    expect(homes.of('east')).toBe(east);
    expect(homes.of(undefined)).toBe(west);
    expect(homes.all).toEqual([west, east]);
    const third = await makePorts();
    expect((await makeHomes(third)).homes.all).toHaveLength(3);
  });

  it('of their own must be one of them', async () => {
    const ports = await makePorts();
    expect(() => createHomes(ports, new Map([['west', ports]]), 'east')).toThrow('There is no home east');
  });
});

describe('the buses of all homes', () => {
  it('say everything in each home', async () => {
    const { west, east, homes } = await makeHomes();
    const heard: unknown[] = [];
    west.bus.subscribe('workers', (message) => heard.push(['west', message]));
    east.bus.subscribe('workers', (message) => heard.push(['east', message]));
    homes.bus.publish('workers', 'alive');
    homes.bus.publish(channelAt('east', 'workers'), 'here');
    homes.bus.publish(channelAt('nowhere', 'workers'), 'lost');
    await settled();
    expect(heard).toEqual([
      ['west', 'alive'],
      ['east', 'alive'],
      ['east', 'here'],
    ]);
  });

  it('hear and serve in each home, until told to stop', async () => {
    const { west, east, homes } = await makeHomes();
    const heard: unknown[] = [];
    const deafen = homes.bus.subscribe('news', (message) => heard.push(message));
    const retire = homes.bus.serve('worker.1', async (message) => `done ${String(message)}`);
    for (const { bus } of [west, east]) {
      bus.publish('news', 'x');
      expect(await bus.request('worker.1', 1, 1000)).toBe('done 1');
    }
    expect(heard).toEqual(['x', 'x']);
    deafen();
    retire();
    for (const { bus } of [west, east]) {
      bus.publish('news', 'y');
      await expect(bus.request('worker.1', 1, 1000)).rejects.toMatchObject({ code: 'unavailable' });
    }
    expect(heard).toEqual(['x', 'x']);
  });

  it('ask in the home that is named, otherwise beside the directory', async () => {
    const { west, east, homes } = await makeHomes();
    west.bus.serve('room.1.reports', async () => 'in the west');
    east.bus.serve('room.1.reports', async () => 'in the east');
    expect(await homes.bus.request('room.1.reports', {}, 1000)).toBe('in the west');
    expect(await homes.bus.request(channelAt('west', 'room.1.reports'), {}, 1000)).toBe('in the west');
    expect(await homes.bus.request(channelAt('east', 'room.1.reports'), {}, 1000)).toBe('in the east');
    await expect(homes.bus.request(channelAt('nowhere', 'room.1.reports'), {}, 1000)).rejects.toMatchObject({
      code: 'unavailable',
      message: 'There is no home nowhere here',
    });
  });

  it('close together', async () => {
    const { west, east, homes } = await makeHomes();
    homes.bus.close();
    for (const { bus } of [west, east])
      await expect(bus.request('any', {}, 1000)).rejects.toMatchObject({ message: 'The bus is closed' });
  });
});

it('a channel with a home is one text, and both are read back', () => {
  expect(channelAt(undefined, 'worker.1')).toBe('worker.1');
  expect(splitChannel('worker.1')).toEqual({ channel: 'worker.1' });
  expect(splitChannel(channelAt('west', 'room.1.reports'))).toEqual({
    home: 'west',
    channel: 'room.1.reports',
  });
});
