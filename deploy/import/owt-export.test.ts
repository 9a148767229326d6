import { describe, expect, it } from 'vitest';
import { owtKey } from './owt-cipher.ts';
import { owtRoom } from './owt-room.ts';
import { owtService, type ServiceKeys } from './owt-service.ts';

const id = '65f0c0ffee00000000000001';
const other = '65f0c0ffee00000000000002';
/** `testServiceKey==`, as OWT has it in its database. */
const encrypted = '86dbb7cfcb0b1e6b51ade2f27bedf976';
const keys: ServiceKeys = { given: new Map(), cipherKey: owtKey };
const foreign: ServiceKeys = { ...keys, cipherKey: '07'.repeat(32) };

describe('an exported service', () => {
  const service = {
    _id: { $oid: id.toUpperCase() },
    name: 'classroom',
    key: encrypted,
    encrypted: true,
    rooms: [{ $oid: other }],
    __v: { $numberInt: '1' },
  };

  it('has its key in clear and its rooms by id', () => {
    const expected = { id, name: 'classroom', key: 'testServiceKey==', rooms: [other], held: [] };
    expect(owtService(service, keys)).toEqual(expected);
    expect(owtService({ ...service, _id: id, rooms: [other] }, keys)).toEqual(expected);
  });

  it('has no key when that was encrypted with another, unless its operator gives it', () => {
    expect(owtService(service, foreign)).not.toHaveProperty('key');
    expect(owtService({ ...service, key: undefined }, keys)).not.toHaveProperty('key');
    const given = new Map([[id, 'by hand']]);
    expect(owtService(service, { ...foreign, given })).toMatchObject({ key: 'by hand' });
  });

  it('of 3.x has its key in clear already, and may hold its rooms itself', () => {
    const room = { _id: { $oid: other }, name: 'old', mode: 'hybrid' };
    const old = { _id: { $oid: id }, name: 'old', key: 'clear', rooms: [room, { $oid: other }] };
    expect(owtService(old, keys)).toEqual({ id, name: 'old', key: 'clear', rooms: [other], held: [room] });
  });

  it.each([
    [null, 'not a service'],
    [{ name: 'x', key: 'k' }, 'a service without an _id of 24 hex digits'],
    [{ _id: { $oid: id }, key: 'k' }, `service ${id} has no name`],
  ])('%j is none', (value, problem) => {
    expect(owtService(value, keys)).toBe(problem);
  });
});

describe('an exported room', () => {
  const sip = (password: string) => ({ sipServer: 's', username: 'u', password });

  it('is plain JSON', () => {
    const room = { _id: { $oid: id }, name: 'r', inputLimit: { $numberInt: '-1' }, views: [{}] };
    expect(owtRoom(room, owtKey)).toEqual({
      id,
      name: 'r',
      room: { _id: id, name: 'r', inputLimit: -1, views: [{}] },
      notes: [],
    });
    expect(owtRoom({ name: 'r' }, owtKey)).toMatchObject({ id: undefined, name: 'r' });
    expect(owtRoom([], owtKey)).toMatchObject({ id: undefined, name: '', room: [] });
  });

  it.each([
    ['from the database: encrypted', { _id: { $oid: id }, sip: sip(encrypted) }, 'testServiceKey=='],
    ['as REST lists it: in clear, whatever it looks like', { _id: id, id, sip: sip(encrypted) }, encrypted],
    ['as 3.x had it: in clear', { _id: { $oid: id }, sip: sip('p4ss') }, 'p4ss'],
  ])('has its SIP password in clear, %s', (_, room, password) => {
    expect(owtRoom(room, owtKey)).toMatchObject({ room: { sip: sip(password) }, notes: [] });
  });

  it('has no SIP account when the password cannot be read, and says so', () => {
    const { room, notes } = owtRoom({ _id: { $oid: id }, sip: sip(encrypted) }, '07'.repeat(32));
    expect(room).toEqual({ _id: id });
    expect(notes).toEqual([expect.stringContaining('sip')]);
    expect(notes.join()).not.toContain(encrypted);
  });
});
