// Owns the proof that what mongoexport writes of an OWT server comes over to a running Sluice: rooms and services under
// their ids, keys and SIP accounts readable, whatever is wrong told with its place and nothing else lost.
import { execFile } from 'node:child_process';
import { readFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ManagementClient } from '../../deploy/rest/management-client.ts';
import type { RoomDocument } from '../../schemas/room.ts';
import { startSluice, type RunningSluice } from '../support/server.ts';

const root = join(import.meta.dirname, '../..');
const fixture = (name: string) => join(import.meta.dirname, 'fixtures', name);
const classroom = { service: '5e9fd3a1b7c80d0012a1b001', key: 'c2FtcGxlIGtleQ==' };
const university = { service: '5e9fd3a1b7c80d0012a1b002', key: 'dW5pdmVyc2l0eQ==' };
const room = (n: number) => `5ea0c4d2f1e6a2001700000${n}`;

/** One has everything that was imported, in the other nothing ever is. */
let server: RunningSluice;
let untouched: RunningSluice;
let folder: string;
beforeAll(async () => {
  [server, untouched, folder] = await Promise.all([
    startSluice(),
    startSluice(),
    mkdtemp(join(tmpdir(), 'sluice-import-')),
  ]);
});
afterAll(async () => {
  await Promise.all([server.stop(), untouched.stop()]);
  await rm(folder, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number;
  readonly lines: readonly string[];
  readonly errors: string;
}

/** `npm run import` as a person calls it. */
function runImport(
  args: readonly string[],
  by?: { id: string; key: string },
  into: RunningSluice = server,
): Promise<Outcome> {
  const { id, key } = by ?? into.super;
  const all = ['--url', into.url, '--service', id, '--key', key, ...args];
  return new Promise((resolve) => {
    const program = ['deploy/run.mjs', 'deploy/import/main.ts', ...all];
    const child = execFile(process.execPath, program, {
      cwd: root,
      env: { ...process.env, INIT_CWD: folder },
    });
    let lines = '';
    let errors = '';
    child.stdout?.on('data', (chunk: string) => (lines += chunk));
    child.stderr?.on('data', (chunk: string) => (errors += chunk));
    child.on('close', (code) => resolve({ code: code ?? -1, lines: lines.split('\n'), errors }));
  });
}

async function roomsOf(credentials: { service: string; key: string }): Promise<readonly RoomDocument[]> {
  const reply = await new ManagementClient(server.url, credentials).ask('GET', '/v1/rooms');
  expect(reply.status).toBe(200);
  return reply.body as readonly RoomDocument[];
}

describe('an import of what mongoexport wrote', () => {
  const files = [fixture('owt-rooms.jsonl'), fixture('owt-services.json')];
  const has = (outcome: Outcome, ...starts: readonly string[]) => {
    for (const start of starts) {
      expect(
        outcome.lines.filter((line) => line.startsWith(start)),
        start,
      ).toHaveLength(1);
    }
  };

  let imported: Outcome;
  beforeAll(async () => {
    imported = await runImport(files);
  });

  it('tried dry says what would come and changes nothing', async () => {
    const outcome = await runImport([...files, '--dry-run'], undefined, untouched);
    expect(outcome).toMatchObject({ code: 1, errors: '' });
    has(outcome, `created  service ${university.service} university`, `created  ${room(3)} Lecture`);
    has(outcome, 'services: 3 created, 0 updated, 0 exists, 0 refused');
    has(outcome, 'rooms: 5 created, 0 updated, 0 exists, 1 refused', 'This was a dry run');
    const all = await new ManagementClient(untouched.url, {
      service: untouched.super.id,
      key: untouched.super.key,
    }).ask('GET', '/services');
    expect(all.body).toHaveLength(2);
  });

  it('without the right key brings neither services nor their rooms, but those whose keys are given', async () => {
    const foreign = ['--cipher-key', '07'.repeat(32), '--dry-run'];
    const outcome = await runImport([...files, ...foreign], undefined, untouched);
    expect(outcome).toMatchObject({ code: 1, errors: '' });
    const reason = 'its key was encrypted with another key; give it with --keys';
    has(outcome, `refused  service ${university.service} university: ${reason}`);
    has(outcome, `refused  ${room(3)} Lecture: its service ${university.service} was refused`);
    has(outcome, 'services: 0 created, 0 updated, 0 exists, 3 refused');
    has(outcome, 'rooms: 0 created, 0 updated, 0 exists, 6 refused');
    await writeFile(join(folder, 'given.json'), JSON.stringify({ [university.service]: university.key }));
    const given = await runImport([...files, ...foreign, '--keys', 'given.json'], undefined, untouched);
    has(given, 'services: 1 created, 0 updated, 0 exists, 2 refused', `created  ${room(3)} Lecture`);
  });

  it('brings services with their keys and each its own rooms, and says what was lost', async () => {
    expect(imported).toMatchObject({ code: 1, errors: '' });
    has(imported, `created  service ${classroom.service} sampleService`, `created  ${room(1)} sampleRoom`);
    has(imported, '         its name is taken here: it is called sampleService-a1b001');
    has(imported, '         mediaIn.audio[3]: "libc" dropped', '         p2pRoom: false dropped');
    has(imported, '         views.common.mediaMixing.video.quality_level: "standard" dropped');
    has(
      imported,
      `refused  ${room(6)} Nobody’s: no service of owt-services.json lists it; --into ID takes such rooms`,
    );
    has(
      imported,
      `note     service ${university.service} lists 1 rooms that are in no file: 5ea0c4d2f1e6a20017000099`,
    );
    expect(imported.lines.join('\n')).not.toContain('geheim');

    const here = await roomsOf(classroom);
    expect(here.map(({ _id }) => _id)).toEqual([room(1), room(2), room(5)]);
    expect(here[1]).toMatchObject({
      name: 'Staff meeting',
      inputLimit: 10,
      participantLimit: 40,
      sip: { sipServer: 'sip.example.com', username: 'staff' },
    });
    expect(here[2]).toMatchObject({ inputLimit: 6, views: [{ video: { maxInput: 9 } }] });
    const there = await roomsOf(university);
    expect(there.map(({ name }) => name)).toEqual(['Lecture', 'Console was here']);
    expect(there[0]?.views).toMatchObject([
      { label: 'sound', video: false },
      { label: 'stage', video: { layout: { fitPolicy: 'crop', templates: { base: 'void' } } } },
    ]);
    const client = new ManagementClient(server.url, classroom);
    const token = await client.ask('POST', `/v1/rooms/${room(1)}/tokens`, { user: 'ann', role: 'presenter' });
    expect(token.status).toBe(200);
  });

  it('can be run again: everything is there, and the room of nobody finds a home', async () => {
    const outcome = await runImport([...files, '--into', server.sample.id]);
    expect(outcome).toMatchObject({ code: 0, errors: '' });
    has(outcome, 'services: 0 created, 0 updated, 3 exists, 0 refused');
    has(outcome, 'rooms: 1 created, 0 updated, 5 exists, 0 refused');
    has(outcome, `created  ${room(6)} Nobody’s`);
    expect(outcome.lines.join()).not.toContain('differs');
  });

  it('tells of a service that has another key here', async () => {
    await writeFile(join(folder, 'keys.json'), JSON.stringify({ [university.service]: 'another' }));
    const keys = ['--keys', 'keys.json', '--into', server.sample.id];
    const outcome = await runImport([...files, ...keys, '--dry-run']);
    has(outcome, '         it has another key here than in the file');
    expect(outcome.code).toBe(0);
  });

  it('of a server’s own list of rooms puts them back as they were', async () => {
    const before = await roomsOf(university);
    const backup = join(folder, 'backup.json');
    await writeFile(backup, JSON.stringify(before, undefined, 2));
    const client = new ManagementClient(server.url, university);
    const id = before[0]?._id ?? '';
    await client.ask('DELETE', `/v1/rooms/${id}`);
    await client.ask('PUT', `/v1/rooms/${before[1]?._id ?? ''}`, { inputLimit: 1 });
    const by = { id: university.service, key: university.key };
    expect((await runImport(['backup.json'], by)).lines).toContainEqual(
      expect.stringMatching(/^exists {3}.*differs/),
    );
    expect(await runImport(['backup.json', '--update'], by)).toMatchObject({ code: 0 });
    expect(await roomsOf(university)).toEqual(before);
  });

  it('with broken places brings the rest, tells each place and keeps what was refused', async () => {
    const by = { id: server.sample.id, key: server.sample.key };
    const made = await new ManagementClient(server.url, {
      service: server.super.id,
      key: server.super.key,
    }).ask('POST', '/services', { name: 'other', key: 'k' });
    expect(made.status).toBe(200);
    const outcome = await runImport([fixture('owt-rooms-broken.jsonl'), '--refused', 'refused.jsonl'], by);
    expect(outcome).toMatchObject({ code: 1, errors: '' });
    // Room 1 was brought for another service.
    has(outcome, `refused  ${room(1)} Fine: Its _id belongs to a room of another service`);
    has(outcome, `refused  ${room(2)} Twice the same view: views`);
    has(outcome, `refused  ${room(1)} Fine, again: the same _id stands at owt-rooms-broken.jsonl:1 already`);
    has(outcome, 'refused  owt-rooms-broken.jsonl:4: not JSON: export it with mongoexport, not the shell');
    has(outcome, 'refused  owt-rooms-broken.jsonl:5: ');
    has(outcome, 'refused  owt-rooms-broken.jsonl:6 No id: No _id of 24 hex digits');
    has(outcome, `created  ${room(7)} Fine too`);
    const kept = (await readFile(join(folder, 'refused.jsonl'), 'utf8')).trim().split('\n');
    expect(kept.map((line) => (JSON.parse(line) as { name: string }).name).sort()).toEqual(
      ['Fine', 'Fine, again', 'No id', 'Twice the same view'].sort(),
    );
  });

  it.each([
    [
      'an unknown service',
      ['rooms.json'],
      { id: 'a'.repeat(24), key: 'k' },
      'refuses the service id or its key',
    ],
    ['a file that is not there', ['rooms.json'], undefined, 'rooms.json'],
    ['no file', [], undefined, 'npm run import --'],
    ['an option that is none', ['rooms.json', '--force'], undefined, '--force'],
    ['no address', ['rooms.json', '--url', 'localhost'], undefined, '--url'],
    ['nobody there', ['-', '--url', 'http://127.0.0.1:9'], undefined, 'does not answer'],
  ] as const)('with %s does nothing and says why', async (what, args, by, message) => {
    const given = args.map((arg) =>
      arg === '-' || what === 'an unknown service' ? fixture('owt-rooms.jsonl') : arg,
    );
    const outcome = await runImport(given, by);
    expect(outcome.code).toBe(2);
    expect(outcome.errors).toContain(message);
    expect(outcome.errors).not.toContain('    at ');
  });

  it('of services is the super service’s', async () => {
    const by = { id: server.sample.id, key: server.sample.key };
    const outcome = await runImport(files, by);
    expect(outcome.code).toBe(2);
    expect(outcome.errors).toContain('only the super service may bring services');
  });
});
