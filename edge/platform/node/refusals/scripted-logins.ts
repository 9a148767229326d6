// Owns the refusals of logins and relogins (portal-protocol §5, §9).
import { failing } from './scripted-failing-log.ts';
import { limited, seconds, type RefusalRow } from './scripted-row.ts';

export const loginRefusals: readonly RefusalRow[] = [
  {
    request: 'login',
    text: 'Connection is in service',
    when: 'already logged in',
    play: async (stage) => (await stage.join()).login(await stage.server.token()),
  },
  {
    request: 'login',
    text: 'Unknown client protocol',
    when: 'a protocol nobody knows',
    only: 'owt',
    ends: true,
    play: (stage) => stage.login(stage.server.token(), { protocol: '2.0' }),
  },
  {
    request: 'login',
    text: 'Unknown client protocol',
    when: 'no protocol: a client of release 3.4',
    only: 'owt',
    ends: true,
    play: (stage) => stage.login(stage.server.token(), { protocol: undefined }),
  },
  {
    request: 'login',
    text: 'Deprecated client version',
    when: 'an SDK of version 3.5',
    only: 'owt',
    ends: true,
    play: (stage) =>
      stage.login(stage.server.token(), { userAgent: { sdk: { type: 'JavaScript', version: '3.5' } } }),
  },
  {
    request: 'login',
    text: 'User agent info is incorrect',
    when: 'no SDK is named',
    only: 'owt',
    ends: true,
    play: (stage) => stage.login(stage.server.token(), { userAgent: { sdk: { type: '' } } }),
  },
  {
    request: 'login',
    text: 'Unexpected end of JSON input',
    when: 'the token is no JSON',
    ends: true,
    play: (stage) => stage.login(''),
  },
  {
    request: 'login',
    text: 'Invalid token signature',
    when: 'the token was changed',
    ends: true,
    play: async (stage) => {
      const token = JSON.parse(atob(await stage.server.token())) as object;
      return stage.login(btoa(JSON.stringify({ ...token, host: 'elsewhere' })));
    },
  },
  {
    request: 'login',
    text: 'Expired',
    when: 'the token is older than three minutes',
    ends: true,
    play: (stage) => stage.login(stage.server.token('ann', { agoMs: 200 * seconds })),
  },
  {
    request: 'login',
    text: 'Invalid token',
    when: 'the token was used',
    ends: true,
    play: async (stage) => {
      const token = await stage.server.token();
      await stage.login(token);
      return stage.login(token);
    },
  },
  {
    request: 'login',
    text: 'Room is full',
    when: 'participantLimit is reached',
    ends: true,
    server: limited({ participantLimit: 1 }),
    play: async (stage) => {
      await stage.join();
      return stage.login(stage.server.token());
    },
  },
  {
    request: 'login',
    text: 'Invalid role',
    when: 'the room has no such role',
    ends: true,
    play: (stage) => stage.login(stage.server.token('ann', { role: 'king' })),
  },
  {
    request: 'login',
    text: 'Joining room failed',
    when: 'the room was deleted since the token was made',
    ends: true,
    play: async (stage) => {
      const token = await stage.server.token();
      const { ports, service, document } = stage.server;
      await ports.directory.removeRoom(service, document._id);
      return stage.login(token);
    },
  },
  {
    request: 'login',
    text: 'Timeout to make rpc to e1.join',
    when: 'the room does not answer',
    ends: true,
    server: () => ({ settings: { answerMs: 100 }, roomLog: failing(1) }),
    play: (stage) => stage.login(stage.server.token()),
  },
  {
    request: 'login',
    text: 'Participant early left',
    when: 'it was dropped while it joined',
    ends: true,
    play: async (stage) => {
      await stage.join();
      const room = stage.server.room();
      const execute = room.execute.bind(room);
      room.execute = (command, by) => {
        const outcome = execute(command, by);
        if (command.type === 'join')
          void execute({ type: 'drop', participant: command.participant, reason: 'x' });
        return outcome;
      };
      return stage.login(stage.server.token());
    },
  },
];

export const reloginRefusals: readonly RefusalRow[] = [
  {
    request: 'relogin',
    text: 'Connection is in service',
    when: 'already logged in',
    play: async (stage) => {
      const ann = await stage.join();
      return ann.relogin(ann.me.ticket);
    },
  },
  {
    request: 'relogin',
    text: 'Unexpected end of JSON input',
    when: 'the ticket is no JSON',
    ends: true,
    play: (stage) => stage.relogin(''),
  },
  {
    request: 'relogin',
    text: 'Invalid reconnection ticket signature',
    when: 'the ticket was changed',
    ends: true,
    play: async (stage) => {
      const { me } = await stage.join();
      const ticket = JSON.parse(atob(me.ticket)) as object;
      return stage.relogin(btoa(JSON.stringify({ ...ticket, participantId: 'somebody' })));
    },
  },
  {
    request: 'relogin',
    text: 'Ticket is expired',
    when: 'the ticket is older than ten minutes',
    ends: true,
    play: async (stage) => stage.relogin(await stage.ticket((await stage.join()).me.id, 601 * seconds)),
  },
  {
    request: 'relogin',
    text: 'Ticket is expired',
    when: 'the ticket is of the future',
    ends: true,
    play: async (stage) => stage.relogin(await stage.ticket((await stage.join()).me.id, -100 * seconds)),
  },
  {
    request: 'relogin',
    text: 'Client does NOT exist',
    when: 'it has logged out',
    ends: true,
    play: async (stage) => {
      const ann = await stage.join();
      await ann.ask('logout');
      return stage.relogin(ann.me.ticket);
    },
  },
  {
    request: 'relogin',
    text: 'Client does NOT exist',
    when: 'it was dropped',
    ends: true,
    play: async (stage) => {
      const { me } = await stage.join();
      await stage.server.room().execute({ type: 'drop', participant: me.id, reason: 'x' });
      return stage.relogin(me.ticket);
    },
  },
  {
    request: 'relogin',
    text: 'Client does NOT exist',
    when: 'its room was deleted',
    ends: true,
    play: async (stage) => {
      const { me } = await stage.join();
      const { ports, service, document } = stage.server;
      await ports.directory.removeRoom(service, document._id);
      await stage.server.room().execute({ type: 'close', reason: 'x' });
      return stage.relogin(me.ticket);
    },
  },
  {
    request: 'relogin',
    text: 'Reconnection is not allowed',
    when: 'its login wished for none',
    only: 'owt',
    ends: true,
    play: async (stage) => stage.relogin((await stage.join('presenter', { reconnection: false })).me.ticket),
  },
  {
    request: 'refreshReconnectionTicket',
    text: 'Reconnection is not enabled.',
    when: 'its SDK is not one of those that come back',
    only: 'owt',
    play: async (stage) => {
      const userAgent = { sdk: { type: 'Python', version: '1' } };
      return (await stage.join('presenter', { userAgent })).ask('refreshReconnectionTicket');
    },
  },
];
