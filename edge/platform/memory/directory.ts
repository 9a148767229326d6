// Owns services, rooms and keys inside one process, saved as a whole through `Persistence`. Documents go in
// and out as copies.
import { SluiceError } from '../../../schemas/error.ts';
import type { Clock, Log, Random } from '../../clock.ts';
import type { Directory } from '../../store/directory.ts';
import { maxPreviousKeys, type Key, type KeyRing } from '../../store/key-ring.ts';
import { readDirectory, writeDirectory } from './directory-text.ts';
import { createObjectIds } from './object-id.ts';
import { createSaver, type Persistence, type Saver } from './persistence.ts';

export interface MemoryDirectory extends Directory {
  /** Saves what is not saved yet. */
  close(): Promise<void>;
}

const toHex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** A directory in memory. Rejects with SluiceError `internal` when what was saved cannot be read. */
export async function createMemoryDirectory(options: {
  clock: Clock;
  random: Random;
  persistence?: Persistence | undefined;
  log?: Log | undefined;
}): Promise<MemoryDirectory> {
  const { clock, random, persistence, log } = options;
  const content = readDirectory(await persistence?.load());
  const { services, rooms, keys } = content;
  const ids = createObjectIds(clock, random);
  for (const id of [...services.keys(), ...rooms.keys()]) ids.seen(id);
  const saver: Saver | undefined =
    persistence && createSaver({ persistence, text: () => writeDirectory(content), clock, log });
  const changed = () => saver?.changed();

  function idFor(asked: string, taken: ReadonlyMap<string, unknown>, what: string): string {
    if (asked === '') return ids.next();
    if (!/^[0-9a-f]{24}$/.test(asked))
      throw new SluiceError('bad-request', `${what} id is not 24 hex digits`);
    if (taken.has(asked)) throw new SluiceError('bad-request', `${what} id is taken`);
    return asked;
  }
  function removeRoom(id: string): void {
    const found = rooms.get(id);
    if (!found) return;
    rooms.delete(id);
    const service = services.get(found.service);
    if (service) service.rooms = service.rooms.filter((room) => room !== id);
  }

  function freshKey(secret: string, others: readonly Key[]): Key {
    let id = toHex(random.bytes(4));
    while (others.some((other) => other.id === id)) id = toHex(random.bytes(4));
    return { id, secret, since: clock.now() };
  }
  function lasting({ current, previous }: KeyRing): KeyRing {
    const now = clock.now();
    return { current, previous: previous.filter(({ until = Infinity }) => until > now) };
  }
  function keep(name: string, ring: KeyRing): KeyRing {
    keys.set(name, ring);
    changed();
    return structuredClone(ring);
  }

  // Each method does its whole work before its first await: that makes it atomic here.
  const directory: MemoryDirectory = {
    async createService(asked) {
      for (const { name } of services.values()) {
        if (name === asked.name) throw new SluiceError('bad-request', 'Service name is taken');
      }
      const service = { ...structuredClone(asked), _id: idFor(asked._id, services, 'Service'), rooms: [] };
      services.set(service._id, service);
      changed();
      return structuredClone(service);
    },
    services: async () => structuredClone([...services.values()]),
    service: async (id) => structuredClone(services.get(id)),
    async changeServiceKey(id, { key, encrypted, oldKey }) {
      const found = services.get(id);
      if (!found) return undefined;
      const { oldKey: _, ...rest } = found;
      const service = { ...rest, key, encrypted, ...(oldKey && { oldKey: { ...oldKey } }) };
      services.set(id, service);
      changed();
      return structuredClone(service);
    },
    async changeWebhooks(id, change) {
      const found = services.get(id);
      if (!found) return undefined;
      const service = { ...found, webhooks: structuredClone([...change(found.webhooks ?? [])]) };
      services.set(id, service);
      changed();
      return structuredClone(service);
    },
    async removeService(id) {
      const service = services.get(id);
      if (!service) return false;
      for (const room of service.rooms) rooms.delete(room);
      services.delete(id);
      changed();
      return true;
    },

    async createRoom(serviceId, asked, home) {
      const service = services.get(serviceId);
      if (!service) throw new SluiceError('service-not-found', 'Service not found');
      const room = { ...structuredClone(asked), _id: idFor(asked._id, rooms, 'Room') };
      rooms.set(room._id, { service: serviceId, room, ...(home === undefined ? {} : { home }) });
      service.rooms.push(room._id);
      changed();
      return structuredClone(room);
    },
    async rooms(service) {
      const found = (services.get(service)?.rooms ?? []).flatMap((id) => rooms.get(id)?.room ?? []);
      return structuredClone(found.sort((a, b) => (a._id < b._id ? -1 : 1)));
    },
    room: async (id) => structuredClone(rooms.get(id)),
    async updateRoom(service, room) {
      const found = rooms.get(room._id);
      if (found?.service !== service) return false;
      rooms.set(room._id, { ...found, room: structuredClone(room) });
      changed();
      return true;
    },
    async removeRoom(service, id) {
      if (rooms.get(id)?.service !== service) return false;
      removeRoom(id);
      changed();
      return true;
    },

    async keys(name, generate) {
      const found = keys.get(name);
      if (found === undefined) return keep(name, { current: freshKey(generate(), []), previous: [] });
      return structuredClone(lasting(found));
    },
    async rotate(name, generate, keepMs, replacing) {
      const found = keys.get(name);
      if (found === undefined) return keep(name, { current: freshKey(generate(), []), previous: [] });
      const { current, previous } = lasting(found);
      if (replacing !== undefined && replacing !== current.id) return structuredClone({ current, previous });
      if (previous.length >= maxPreviousKeys)
        throw new SluiceError('operation-failed', 'Too many previous keys are still valid');
      const replaced = keepMs === Infinity ? current : { ...current, until: clock.now() + keepMs };
      const kept = [replaced, ...previous];
      return keep(name, { current: freshKey(generate(), kept), previous: kept });
    },
    close: async () => saver?.flush(),
  };
  return directory;
}
