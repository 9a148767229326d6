// Owns the contract of durable things that are not a room's life: services, room documents, join tokens, keys.
import type { Service, TokenRecord } from '../../schemas/management.ts';
import type { RoomDocument } from '../../schemas/room.ts';

export interface Directory {
  /**
   * With an empty `_id` it gets one: 24 lower-case hex digits, ascending in time. Another `_id` is kept, as services that
   * move here from elsewhere need it. Throws `bad-request` when the name is taken, or when `_id` is not of that form or
   * another service's.
   */
  createService(service: Omit<Service, 'rooms'>): Promise<Service>;
  services(): Promise<readonly Service[]>;
  service(id: string): Promise<Service | undefined>;
  /** Removes its rooms too. False when there was none. */
  removeService(id: string): Promise<boolean>;

  /**
   * Gives or keeps `_id` as `createService` does. Throws `service-not-found` when there is no such service and
   * `bad-request` when `_id` is not of that form or another room's, of whatever service.
   */
  createRoom(service: string, room: RoomDocument): Promise<RoomDocument>;
  /** In ascending order of `_id`. */
  rooms(service: string): Promise<readonly RoomDocument[]>;
  room(id: string): Promise<{ readonly service: string; readonly room: RoomDocument } | undefined>;
  /** Replaces the document; false when there is none of that id in that service. */
  updateRoom(service: string, room: RoomDocument): Promise<boolean>;
  removeRoom(service: string, id: string): Promise<boolean>;

  saveToken(record: TokenRecord): Promise<void>;
  /** Finds and deletes in one step, so that one of many parallel callers gets it. Also forgets tokens older than `olderThan`. */
  takeToken(tokenId: string, olderThan: number): Promise<TokenRecord | undefined>;

  /** A named secret, made by `generate` on first use and the same ever after (until rotated). */
  secret(name: string, generate: () => string): Promise<string>;

  /** A nonce memory for MAuth replay protection: false when seen before within `keepMs`. */
  rememberNonce(service: string, nonce: string, keepMs: number): Promise<boolean>;
}
