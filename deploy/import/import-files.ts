// Owns an import as a whole: services first, then every room of the file into the service that lists it, each told of.
import { basename } from 'node:path';
import type { Found } from './document-splitter.ts';
import { ManagementClient, type Credentials } from '../rest/management-client.ts';
import { moveService } from './move-service.ts';
import { owtRoom } from './owt-room.ts';
import { idOf, owtService, type ServiceKeys } from './owt-service.ts';
import { readDocuments } from './read-documents.ts';
import { Report } from './report.ts';
import { ImportError, RoomBatches } from './room-batches.ts';

export interface ImportRequest {
  readonly url: string;
  readonly credentials: Credentials;
  readonly roomsFile: string;
  readonly servicesFile?: string | undefined;
  /** The service that gets rooms which no service of `servicesFile` lists; all rooms when there is no such file. */
  readonly into?: string | undefined;
  readonly keys: ServiceKeys;
  readonly update: boolean;
  readonly dryRun: boolean;
  readonly refusedFile?: string | undefined;
}

/** True when everything is on the server afterwards. Rejects with ImportError or UnreachableError when it cannot go on. */
export async function importFiles(request: ImportRequest, print: (line: string) => void): Promise<boolean> {
  const { credentials, dryRun, keys, roomsFile, servicesFile } = request;
  const client = new ManagementClient(request.url, credentials);
  const report = new Report(print, request.refusedFile);
  const batches = new RoomBatches(client, report, request);
  /** Which service lists a room. */
  const owners = new Map<string, string>();
  /** Where rooms of a service go; absent when it was refused. */
  const targets = new Map<string, string>();
  /** Where a room of that id stood first. */
  const seen = new Map<string, string>();
  const orphans = request.into ?? (servicesFile === undefined ? credentials.service : undefined);

  for await (const found of documents(servicesFile)) {
    const at = place(servicesFile, found);
    const service = readable(at, () => owtService(found.value, keys));
    if (service === undefined) continue;
    if (typeof service === 'string') {
      report.unreadable(at, service);
      continue;
    }
    const { id, name } = service;
    if (targets.has(id)) {
      report.tell({
        kind: 'service',
        outcome: 'refused',
        id,
        name,
        at,
        reason: 'it stands in the file twice',
      });
      continue;
    }
    const outcome = await moveService(client, service, dryRun);
    report.tell({ kind: 'service', id, name, at, ...outcome });
    // Tried only, it is not there to ask: any other that has none of its rooms answers the same.
    const missing = dryRun && outcome.outcome === 'created';
    if (outcome.outcome !== 'refused') targets.set(id, missing ? credentials.service : id);
    for (const room of service.rooms) if (!owners.has(room)) owners.set(room, id);
    for (const room of service.held) await bring(room, at, id);
  }
  for await (const found of documents(roomsFile)) await bring(found.value, place(roomsFile, found));
  await batches.flush();
  tellMissing();
  for (const line of report.totals()) print(line);
  if (dryRun) print('This was a dry run: nothing was changed.');
  return !report.hasRefusals;

  async function* documents(file: string | undefined): AsyncGenerator<Extract<Found, { value: unknown }>> {
    if (file === undefined) return;
    for await (const found of readDocuments(file)) {
      if ('value' in found) yield found;
      else report.unreadable(place(file, found), found.problem);
    }
  }

  /** Undefined, and told, for what is nested too deeply. */
  function readable<T>(at: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      report.unreadable(at, error.message);
      return undefined;
    }
  }

  async function bring(exported: unknown, at: string, holder?: string): Promise<void> {
    const room = readable(at, () => owtRoom(exported, keys.cipherKey));
    if (room === undefined) return;
    const { id, name } = room;
    const refuse = (reason: string): void => {
      report.tell({ kind: 'room', outcome: 'refused', id, name, at, reason });
      report.keepRefused(room.room);
    };
    const first = id === undefined ? undefined : seen.get(id);
    if (first !== undefined) {
      refuse(`the same _id stands at ${first} already`);
      return;
    }
    if (id !== undefined) seen.set(id, at);
    const owner = holder ?? (id === undefined ? undefined : owners.get(id)) ?? orphans;
    if (owner === undefined) {
      refuse(`no service of ${basename(servicesFile ?? '')} lists it; --into ID takes such rooms`);
      return;
    }
    const target = servicesFile === undefined || owner === request.into ? owner : targets.get(owner);
    if (target === undefined) refuse(`its service ${owner} was refused`);
    else await batches.add(target, { ...room, at });
  }

  function tellMissing(): void {
    for (const service of targets.keys()) {
      const missing = [...owners].filter(([room, owner]) => owner === service && !seen.has(room));
      if (missing.length === 0) continue;
      const shown = missing.slice(0, 5).map(([room]) => room);
      const more = missing.length > shown.length ? ' …' : '';
      report.note(
        `service ${service} lists ${missing.length} rooms that are in no file: ${shown.join(' ')}${more}`,
      );
    }
  }
}

/** Checks what a person gave as an id. Throws ImportError. */
export function givenId(what: string, value: string): string {
  const id = idOf(value);
  if (id === undefined) throw new ImportError(`${what} is not an id of 24 hex digits`);
  return id;
}

function place(file: string | undefined, found: Found): string {
  const last = 'lastLine' in found && found.lastLine > found.line ? `-${found.lastLine}` : '';
  return `${basename(file ?? '')}:${found.line}${last}`;
}
