import { expect, it } from 'vitest';
import { loginResult, readLogin } from './owt-login.ts';

const sdk = (type: string, version = '5.1') => ({ sdk: { type, version } });
const login = (more: object) => ({ token: 'T', userAgent: sdk('JavaScript'), protocol: '1.2', ...more });

it.each<[string, unknown, string]>([
  ['no object', 'hello', 'Unknown client protocol'],
  ['nothing', undefined, 'Unknown client protocol'],
  ['a legacy client', login({ protocol: undefined }), 'Unknown client protocol'],
  ['protocol 0.9', login({ protocol: '0.9' }), 'Unknown client protocol'],
  ['a protocol of the future', login({ protocol: '2.0' }), 'Unknown client protocol'],
  ['a protocol that is no text', login({ protocol: 1.2 }), 'Unknown client protocol'],
  ['release 3.5', login({ userAgent: sdk('JavaScript', '3.5') }), 'Deprecated client version'],
  ['no user agent', login({ userAgent: undefined }), 'User agent info is incorrect'],
  ['an empty sdk type', login({ userAgent: sdk('') }), 'User agent info is incorrect'],
  ['no sdk version', login({ userAgent: { sdk: { type: 'C++' } } }), 'User agent info is incorrect'],
  ['no token', login({ token: undefined }), 'Invalid token'],
])('refuses %s', (_, data, text) => {
  expect(readLogin(data)).toBe(text);
});

it.each(['JavaScript', 'Objective-C', 'C++', 'Android'])(
  'portal-protocol#13 %s is kept after a break',
  (type) => {
    expect(readLogin(login({ userAgent: sdk(type) }))).toEqual({
      token: 'T',
      version: '1.2',
      ticket: true,
      keepMs: undefined,
    });
  },
);

it.each<[string, object, object]>([
  ['another SDK has no reconnection', { userAgent: sdk('Python') }, { ticket: false, keepMs: 0 }],
  [
    'a native SDK may do without',
    { userAgent: sdk('C++'), reconnection: false },
    { ticket: false, keepMs: 0 },
  ],
  [
    'portal-protocol#2 the JavaScript SDK gets its ticket even so',
    { reconnection: false },
    { ticket: true, keepMs: 0 },
  ],
  ['a keep time is in seconds', { reconnection: { keepTime: 20 } }, { ticket: true, keepMs: 20_000 }],
  ['a keep time is bounded', { reconnection: { keepTime: 1e9 } }, { ticket: true, keepMs: 600_000 }],
  ['nonsense is ignored', { reconnection: { keepTime: -1 } }, { ticket: true, keepMs: undefined }],
])('%s', (_, more, terms) => {
  expect(readLogin(login(more))).toEqual({ token: 'T', version: '1.2', ...terms });
});

it('portal-protocol#2 answers a login with a ticket, and without one where there is none', () => {
  const rights = { audio: true, video: true };
  const permission = { publish: rights, subscribe: rights };
  const participant = { id: 'p', user: 'u', role: 'presenter' };
  const room = { id: 'r', views: ['common'], participants: [participant], streams: [] };
  const join = {
    participant,
    permission,
    room,
    ticket: 'K',
    ticketMs: 1,
    keepMs: 1,
    epoch: 'e',
    iceServers: [],
  };
  const asked = { token: 'T', version: '1.2', keepMs: 1 } as const;
  expect(loginResult(join, { ...asked, ticket: true })).toEqual({
    ...participant,
    permission,
    room,
    reconnectionTicket: 'K',
  });
  expect(loginResult(join, { ...asked, ticket: false })).toEqual({ ...participant, permission, room });
});

it.each(['1.0', '1.1', '1.2'] as const)('takes logins of protocol %s', (version) => {
  expect(readLogin(login({ protocol: version }))).toMatchObject({ token: 'T', version });
});
