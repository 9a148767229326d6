// Owns what a new installation begins with: two services with random keys and the sample's room (spec rest-api §3.5,
// cluster §12).
import { SluiceError } from '../../schemas/error.ts';
import type { Service } from '../../schemas/management.ts';
import type { Random } from '../clock.ts';
import type { Directory } from '../store/directory.ts';
import { createSecretBox, type SecretBox } from '../tokens/secret-box.ts';
import { clearKey } from './authentication.ts';
import { newRoomDocument } from './room-document.ts';

const keyBytes = 128;

export interface FirstRun {
  /** With their keys in clear, for the operator's eyes; what is stored is sealed. */
  readonly superService: Service;
  readonly sampleService: Service;
  /** Id of the sample service's room `sampleRoom`. */
  readonly sampleRoom: string;
  /** Whether anything had to be made. */
  readonly created: boolean;
}

/** Finds or makes `superService`, `sampleService` and `sampleRoom`. Changes nothing when they are there. */
export async function ensureServices(directory: Directory, random: Random): Promise<FirstRun> {
  const box = createSecretBox(directory, random);
  const existing = await directory.services();

  async function ensure(name: string): Promise<{ service: Service; created: boolean }> {
    const found = existing.find((service) => service.name === name);
    if (found !== undefined) return { service: await unsealed(found, box), created: false };
    const key = btoa(String.fromCharCode(...random.bytes(keyBytes)));
    // The directory gives the id.
    const asked = { _id: '', name, key: await box.seal(key), encrypted: true };
    return { service: { ...(await directory.createService(asked)), key }, created: true };
  }

  const superService = await ensure('superService');
  const sampleService = await ensure('sampleService');
  const { _id: sample } = sampleService.service;
  const rooms = await directory.rooms(sample);
  const room = rooms.find(({ name }) => name === 'sampleRoom');
  const sampleRoom =
    room ?? (await directory.createRoom(sample, newRoomDocument('', { name: 'sampleRoom' })));
  return {
    superService: superService.service,
    sampleService: sampleService.service,
    sampleRoom: sampleRoom._id,
    created: superService.created || sampleService.created || room === undefined,
  };
}

async function unsealed(service: Service, box: SecretBox): Promise<Service> {
  const key = await clearKey(service, box);
  if (key === undefined)
    throw new SluiceError('internal', `The stored key of ${service.name} cannot be read`);
  return { ...service, key };
}
