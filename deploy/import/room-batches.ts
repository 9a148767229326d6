// Owns bringing rooms to the server in requests of a bearable size, service by service, in the order of the file.
import * as v from 'valibot';
import { importedRoomSchema } from '../../schemas/room-import.ts';
import { type ManagementClient, refusalText } from '../rest/management-client.ts';
import type { OwtRoom } from './owt-room.ts';
import { changeText, type Report } from './report.ts';

export interface WaitingRoom extends OwtRoom {
  readonly at: string;
}

/** What the operator asked for cannot be done; `message` is for a person. */
export class ImportError extends Error {}

const most = { rooms: 100, chars: 1_000_000, waitingChars: 16_000_000 } as const;
const replySchema = v.array(importedRoomSchema);

export class RoomBatches {
  readonly #client: ManagementClient;
  readonly #report: Report;
  readonly #options: { readonly update: boolean; readonly dryRun: boolean };
  readonly #waiting = new Map<string, { rooms: WaitingRoom[]; chars: number }>();
  #waitingChars = 0;

  constructor(client: ManagementClient, report: Report, options: { update: boolean; dryRun: boolean }) {
    this.#client = client;
    this.#report = report;
    this.#options = options;
  }

  /** Rejects with ImportError when the server takes no rooms for that service. */
  async add(service: string, room: WaitingRoom): Promise<void> {
    const chars = JSON.stringify(room.room).length;
    const before = this.#waiting.get(service);
    if (before !== undefined && before.chars + chars > most.chars) await this.#send(service);
    const batch = this.#waiting.get(service) ?? { rooms: [], chars: 0 };
    batch.rooms.push(room);
    batch.chars += chars;
    this.#waiting.set(service, batch);
    this.#waitingChars += chars;
    if (batch.rooms.length >= most.rooms) await this.#send(service);
    if (this.#waitingChars > most.waitingChars) await this.flush();
  }

  async flush(): Promise<void> {
    for (const service of [...this.#waiting.keys()]) await this.#send(service);
  }

  async #send(service: string): Promise<void> {
    const batch = this.#waiting.get(service);
    if (batch === undefined) return;
    this.#waiting.delete(service);
    this.#waitingChars -= batch.chars;
    const body = { rooms: batch.rooms.map(({ room }) => room), ...this.#options };
    const reply = await this.#client.ask('POST', `/services/${service}/import`, body);
    if (reply.status !== 200)
      throw new ImportError(`service ${service} takes no rooms: ${refusalText(reply)}`);
    const outcomes = v.parse(replySchema, reply.body);
    for (const [index, { at, id, name, room, notes }] of batch.rooms.entries()) {
      const { status, reason, changes } = outcomes[index] ?? {
        status: 'refused',
        reason: 'no answer',
        changes: [],
      };
      const told = { id, name, at, reason, notes: [...notes, ...changes.map(changeText)] };
      this.#report.tell({ kind: 'room', outcome: status, ...told });
      if (status === 'refused') this.#report.keepRefused(room);
    }
  }
}
