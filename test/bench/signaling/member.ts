// Owns the load side of one room member: a raw WebSocket that speaks just enough of each protocol, so that clients cost
// the same whatever the server is.
import { decode, encode } from '@msgpack/msgpack';
import { WebSocket } from 'ws';
import { signalSubprotocol } from '../../../schemas/signal.ts';

export interface Member {
  send(message: string): void;
  close(): void;
}

type Heard = (message: string) => void;

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
}

const field = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;

export async function plainMember(port: number, heard: Heard): Promise<Member> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`, { perMessageDeflate: false });
  socket.on('message', (data: Buffer) => {
    const message = field(JSON.parse(data.toString()), 'message');
    if (typeof message === 'string') heard(message);
  });
  await opened(socket);
  return {
    send: (message) => {
      socket.send(JSON.stringify({ type: 'text', from: 'member', to: 'all', message }));
    },
    close: () => {
      socket.terminate();
    },
  };
}

export async function socketIoMember(port: number, heard: Heard): Promise<Member> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket.io/?EIO=4&transport=websocket`, {
    perMessageDeflate: false,
  });
  const joined = new Promise<void>((resolve) => {
    socket.on('message', (data: Buffer) => {
      const text = data.toString();
      if (text === '2') socket.send('3');
      else if (text.startsWith('0')) socket.send('40');
      else if (text.startsWith('40')) resolve();
      else if (text.startsWith('42')) {
        const packet: unknown = JSON.parse(text.slice(2));
        const message = Array.isArray(packet) ? field(packet[1], 'message') : undefined;
        if (typeof message === 'string') heard(message);
      }
    });
  });
  await opened(socket);
  await joined;
  return {
    send: (message) => {
      socket.send(`42${JSON.stringify(['text', { type: 'text', from: 'member', to: 'all', message }])}`);
    },
    close: () => {
      socket.terminate();
    },
  };
}

/** `token` is a join token of the server's REST API. */
export async function sluiceMember(url: string, token: string, heard: Heard): Promise<Member> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/signal`, signalSubprotocol, {
    perMessageDeflate: false,
  });
  let cid = 0;
  const joined = new Promise<void>((resolve, reject) => {
    socket.on('message', (data: Buffer) => {
      const frame = decode(data);
      const notices = field(frame, 'notices');
      if (Array.isArray(notices)) {
        for (const notice of notices) {
          if (field(notice, 'type') !== 'text') continue;
          const message = field(notice, 'message');
          if (typeof message === 'string') heard(message);
        }
      }
      const replies = field(frame, 'replies');
      if (!Array.isArray(replies)) return;
      for (const reply of replies) {
        if (field(reply, 'ok') !== true) {
          const why = JSON.stringify(field(reply, 'error'));
          console.error(`refused: ${why}`);
          reject(new Error(why));
        } else if (field(reply, 'cid') === 1) resolve();
      }
    });
    socket.once('close', (code, reason) => {
      reject(new Error(`closed ${code} ${reason.toString()}`));
    });
  });
  await opened(socket);
  socket.send(encode({ do: 'join', cid: ++cid, token, userAgent: { sdk: { type: 'bench', version: '1' } } }));
  await joined;
  return {
    send: (message) => {
      socket.send(encode({ do: 'text', cid: ++cid, request: { to: 'all', message } }));
    },
    close: () => {
      socket.terminate();
    },
  };
}
