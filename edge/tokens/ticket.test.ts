import { beforeEach, describe, expect, it } from 'vitest';
import { HastyClock, seededRandom } from '../management/scripted-server.ts';
import { createMemoryPorts } from '../platform/memory/ports.ts';
import type { Directory } from '../store/directory.ts';
import { rotateServerKey } from './server-keys.ts';
import { fromBase64, toBase64 } from './text-codec.ts';
import { createTickets, type Tickets } from './ticket.ts';

const claims = { participant: 'p1', room: '65f0c0ffee00000000000001' };
let clock: HastyClock;
let directory: Directory;
let tickets: Tickets;

beforeEach(async () => {
  clock = new HastyClock();
  const random = seededRandom(1);
  ({ directory } = await createMemoryPorts({ clock, random }));
  tickets = createTickets({ directory, clock, random });
});

const keyOf = (ticket: string) => (JSON.parse(fromBase64(ticket)) as { key: string }).key;
function edited(ticket: string, change: object): string {
  return toBase64(JSON.stringify({ ...(JSON.parse(fromBase64(ticket)) as object), ...change }));
}

describe('reconnection tickets', () => {
  it('have the OWT wire form and live for 600 seconds', async () => {
    const payload: unknown = JSON.parse(fromBase64(await tickets.issue(claims)));
    expect(payload).toMatchObject({
      participantId: 'p1',
      notBefore: clock.now(),
      notAfter: clock.now() + 600_000,
      ticketId: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      signature: expect.stringMatching(/^[0-9A-Za-z+/]{86}==$/) as string,
    });
  });

  it('open many times, on any edge with the same directory', async () => {
    const ticket = await tickets.issue(claims);
    const elsewhere = createTickets({ directory, clock, random: seededRandom(9) });
    expect(await tickets.open(ticket)).toEqual(claims);
    expect(await elsewhere.open(ticket)).toEqual(claims);
  });

  it('are refused before and after their time', async () => {
    const ticket = await tickets.issue(claims);
    clock.time += 600_000;
    expect(await tickets.open(ticket)).toEqual(claims);
    clock.time += 1;
    await expect(tickets.open(ticket)).rejects.toThrow('Ticket is expired');
    clock.time -= 600_002;
    await expect(tickets.open(ticket)).rejects.toThrow('Ticket is expired');
  });

  it.each([
    { participantId: 'p2' },
    { room: '65f0c0ffee00000000000002' },
    { notAfter: 9e15 },
    { notBefore: 0 },
    { signature: 'x' },
    { signature: undefined },
    { key: 'ffffffff' },
    { key: undefined },
    { key: '__proto__' },
    { notAfter: 'soon' },
  ])('are refused when edited: %o', async (change) => {
    await expect(tickets.open(edited(await tickets.issue(claims), change))).rejects.toMatchObject({
      code: 'unauthenticated',
      message: 'Invalid reconnection ticket signature',
    });
  });

  it('signed before their key was replaced stay good for their lifetime', async () => {
    const random = seededRandom(3);
    const [used, late] = [await tickets.issue(claims), await tickets.issue(claims)];
    await rotateServerKey({ directory, random }, 'ticket');
    clock.time += 30_000;
    const fresh = await tickets.issue(claims);
    expect(keyOf(fresh)).not.toBe(keyOf(used));
    for (const ticket of [used, fresh]) expect(await tickets.open(ticket)).toEqual(claims);
    await expect(tickets.open(edited(used, { key: keyOf(fresh) }))).rejects.toThrow(
      'Invalid reconnection ticket signature',
    );
    clock.time += 570_000;
    expect(await tickets.open(used)).toEqual(claims);
    clock.time += 30_000;
    await expect(tickets.open(late)).rejects.toThrow('Invalid reconnection ticket signature');
    expect(await tickets.open(fresh)).toEqual(claims);
  });

  it('explain garbage with the JSON parser’s text, and do not read a megabyte', async () => {
    await expect(tickets.open('')).rejects.toThrow('Unexpected end of JSON input');
    await expect(tickets.open('A'.repeat(1_000_000))).rejects.toThrow(
      'Invalid reconnection ticket signature',
    );
  });
});
