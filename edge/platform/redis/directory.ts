// Owns services and rooms in Redis, as MessagePack, all in one slot. Keys are `key-rings.ts`.
import { decode, encode } from '@msgpack/msgpack';
import * as v from 'valibot';
import { SluiceError } from '../../../schemas/error.ts';
import { serviceSchema, type Service } from '../../../schemas/management.ts';
import { roomDocumentSchema } from '../../../schemas/room.ts';
import type { Clock, Random } from '../../clock.ts';
import type { Directory } from '../../store/directory.ts';
import { createObjectIds } from '../memory/object-id.ts';
import type { RedisConnection, Reply } from './connection.ts';
import createRoomLua from './directory-create-room.lua';
import createServiceLua from './directory-create-service.lua';
import removeServiceLua from './directory-remove-service.lua';
import roomLua from './directory-room.lua';
import roomsLua from './directory-rooms.lua';
import servicesLua from './directory-services.lua';
import updateRoomLua from './directory-update-room.lua';
import { createKeyRings } from './key-rings.ts';
import { replaceField } from './replace-field.ts';
import { bytesOf, listOf, textOf } from './reply.ts';
import { script } from './script.ts';

const scripts = {
  createRoom: script(createRoomLua),
  createService: script(createServiceLua),
  removeService: script(removeServiceLua),
  room: script(roomLua),
  rooms: script(roomsLua),
  services: script(servicesLua),
  updateRoom: script(updateRoomLua),
};
const repeatable = { repeatable: true };

/** What is kept of a service: its rooms are a list of their own. */
const keptSchema = v.omit(serviceSchema, ['rooms']);

/** A directory below `prefix`, which has no braces. */
export function createRedisDirectory(options: {
  connection: RedisConnection;
  prefix: string;
  clock: Clock;
  random: Random;
}): Directory {
  const { connection, prefix, clock, random } = options;
  const ids = createObjectIds(clock, random);
  const key = (name: string) => `${prefix}{directory}:${name}`;
  const services = key('services');
  const names = key('names');
  const rooms = key('rooms');
  const owners = key('owners');
  const homes = key('homes');
  const roomsOf = (service: string) => key(`rooms-of:${service}`);

  function idFor(asked: string, what: string): string {
    if (asked === '') return ids.next();
    if (/^[0-9a-f]{24}$/.test(asked)) return asked;
    throw new SluiceError('bad-request', `${what} id is not 24 hex digits`);
  }

  async function readServices(which: readonly string[]): Promise<Service[]> {
    const reply = await connection.run(scripts.services, [services], [roomsOf(''), ...which], repeatable);
    return listOf(reply)
      .map((each) => {
        const [bytes, own] = listOf(each);
        return { ...read(keptSchema, bytes), rooms: listOf(own).map(textOf) };
      })
      .sort((a, b) => (a._id < b._id ? -1 : 1));
  }

  return {
    async createService(asked) {
      const service = { ...asked, _id: idFor(asked._id, 'Service') };
      const args = [service._id, service.name, encode(service)];
      const outcome = textOf(await connection.run(scripts.createService, [services, names], args));
      if (outcome === 'name') throw new SluiceError('bad-request', 'Service name is taken');
      if (outcome === 'id') throw new SluiceError('bad-request', 'Service id is taken');
      return { ...structuredClone(service), rooms: [] };
    },
    services: () => readServices([]),
    service: async (id) => (await readServices([id]))[0],
    async changeServiceKey(id, { key, encrypted, oldKey }) {
      const changed = await replaceField(connection, services, id, (bytes) => {
        if (!bytes) return undefined;
        const { oldKey: _, ...rest } = read(keptSchema, bytes);
        return encode({ ...rest, key, encrypted, ...(oldKey && { oldKey }) });
      });
      return changed ? (await readServices([id]))[0] : undefined;
    },
    async changeWebhooks(id, change) {
      const changed = await replaceField(connection, services, id, (bytes) => {
        if (!bytes) return undefined;
        const kept = read(keptSchema, bytes);
        return encode({ ...kept, webhooks: change(kept.webhooks ?? []) });
      });
      return changed ? (await readServices([id]))[0] : undefined;
    },
    async removeService(id) {
      const keys = [services, names, rooms, owners, homes, roomsOf(id)];
      return (await connection.run(scripts.removeService, keys, [id])) === 1;
    },

    async createRoom(service, asked, home) {
      const room = { ...asked, _id: idFor(asked._id, 'Room') };
      const keys = [services, rooms, owners, homes, roomsOf(service)];
      const args = [service, room._id, encode(room), ...(home === undefined ? [] : [home])];
      const outcome = await connection.run(scripts.createRoom, keys, args);
      if (textOf(outcome) === 'service') throw new SluiceError('service-not-found', 'Service not found');
      if (textOf(outcome) === 'id') throw new SluiceError('bad-request', 'Room id is taken');
      return structuredClone(room);
    },
    async rooms(service) {
      const reply = await connection.run(scripts.rooms, [rooms, roomsOf(service)], [], repeatable);
      return listOf(reply)
        .map((bytes) => read(roomDocumentSchema, bytes))
        .sort((a, b) => (a._id < b._id ? -1 : 1));
    },
    async room(id) {
      const reply = await connection.run(scripts.room, [rooms, owners, homes], [id], repeatable);
      if (reply === null) return undefined;
      const [service, bytes, home] = listOf(reply);
      const room = read(roomDocumentSchema, bytes);
      return { service: textOf(service), room, ...(home === undefined ? {} : { home: textOf(home) }) };
    },
    async updateRoom(service, room) {
      const args = [service, room._id, encode(room)];
      const keys = [rooms, owners, homes, roomsOf(service)];
      return (await connection.run(scripts.updateRoom, keys, args)) === 1;
    },
    async removeRoom(service, id) {
      const keys = [rooms, owners, homes, roomsOf(service)];
      return (await connection.run(scripts.updateRoom, keys, [service, id])) === 1;
    },

    ...createKeyRings({ connection, key: key('keys'), clock, random }),
  };
}

function read<S extends v.GenericSchema>(schema: S, bytes: Reply | undefined): v.InferOutput<S> {
  try {
    return v.parse(schema, decode(bytesOf(bytes)));
  } catch (cause) {
    throw new SluiceError('internal', 'The directory is damaged', cause);
  }
}
