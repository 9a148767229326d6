// Owns the contract of durable things that are not a room's life: services, room documents, the server's own keys.
import type { Service } from '../../schemas/management.ts';
import type { RoomDocument } from '../../schemas/room.ts';
import type { Webhook } from '../../schemas/webhook.ts';
import type { KeyRing } from './key-ring.ts';

export interface RoomEntry {
  readonly service: string;
  readonly room: RoomDocument;
  /** Where it lives. */
  readonly home?: string;
}

export interface Directory {
  /** Ids are 24 lower-case hex digits, ascending in time. Throws `bad-request` when the name is taken. */
  createService(service: Omit<Service, 'rooms'>): Promise<Service>;
  services(): Promise<readonly Service[]>;
  service(id: string): Promise<Service | undefined>;
  /**
   * Replaces `key`, `encrypted` and `oldKey` of a service and nothing else of it; an `oldKey` that is not given is removed.
   * The service as it is then, undefined when there is none of that id.
   */
  changeServiceKey(
    id: string,
    change: Pick<Service, 'key' | 'encrypted' | 'oldKey'>,
  ): Promise<Service | undefined>;
  /**
   * Replaces the webhooks of a service by what `change` makes of them, and nothing else of it. `change` may be called again
   * when somebody else was quicker; what it throws is thrown, and nothing is changed. Undefined as above.
   */
  changeWebhooks(
    id: string,
    change: (webhooks: readonly Webhook[]) => readonly Webhook[],
  ): Promise<Service | undefined>;
  /** Removes its rooms too. False when there was none. */
  removeService(id: string): Promise<boolean>;

  /** `home` names where the room lives, for good; absent: beside the directory (homes.ts). */
  createRoom(service: string, room: RoomDocument, home?: string): Promise<RoomDocument>;
  /** In ascending order of `_id`. */
  rooms(service: string): Promise<readonly RoomDocument[]>;
  room(id: string): Promise<RoomEntry | undefined>;
  /** Replaces the document; false when there is none of that id in that service. */
  updateRoom(service: string, room: RoomDocument): Promise<boolean>;
  removeRoom(service: string, id: string): Promise<boolean>;

  /**
   * The keys of that name. The first who asks makes the current one by `generate`, the same for all who ask at once, on any
   * edges. Previous keys whose time is over are not among them.
   */
  keys(name: string, generate: () => string): Promise<KeyRing>;
  /**
   * Makes a new current key by `generate`; the one before it is forgotten `keepMs` from now (`Infinity`: never), the times
   * of older ones stay. Without keys of that name it only makes the first. With `replacing` it does nothing unless that is
   * the id of the current key: of edges that find a key too old at once, one replaces it. The keys as they are then.
   * Rejects with SluiceError `operation-failed`, changing nothing, when more than `maxPreviousKeys` would have to be kept.
   */
  rotate(name: string, generate: () => string, keepMs: number, replacing?: string): Promise<KeyRing>;
}
