// Owns how a client's request becomes a room command. Pure; whether it is allowed is the room's to decide.
import type { StreamControlRequest } from '../../schemas/request.ts';
import type { SignalMessage } from '../../schemas/signal.ts';
import type { Actor, Command } from '../rooms/command.ts';

type WithoutCid<M> = M extends SignalMessage ? Omit<M, 'cid'> : never;

/** What a joined client may ask, in the form both gateways share. */
export type RoomRequest = WithoutCid<Exclude<SignalMessage, { do: 'join' | 'resume' | 'ticket' }>>;

type StreamCommand = Exclude<StreamControlRequest, { operation: 'get-region' }>;

/** A request that is decided by the room. */
export type CommandRequest =
  | Exclude<RoomRequest, { do: 'signal' | 'stats' | 'mixer-stats' | 'ice-servers' | 'stream-control' }>
  | { readonly do: 'stream-control'; readonly request: StreamCommand };

/** The command of a request. `session` is the id of the session that a publish or subscribe opens. */
export function commandOf(participant: string, request: CommandRequest, session: string): Command {
  const actor = { participant };
  switch (request.do) {
    case 'leave':
      return { type: 'leave', participant };
    case 'publish':
      return { type: 'publish', participant, session, request: request.request };
    case 'subscribe':
      return { type: 'subscribe', participant, session, request: request.request };
    case 'unpublish':
      return { type: 'unpublish', actor, session: request.request.id };
    case 'unsubscribe':
      return { type: 'unsubscribe', actor, session: request.request.id };
    case 'text':
      return { type: 'text', from: participant, to: request.request.to, message: request.request.message };
    case 'stream-control':
      return streamCommand(actor, request.request);
    case 'subscription-control': {
      const { id, operation, data } = request.request;
      if (operation === 'update') {
        return { type: 'update-subscription', actor, subscription: id, ...data };
      }
      return { type: 'set-subscription-status', actor, subscription: id, operation, media: data };
    }
  }
}

function streamCommand(actor: Actor, { id: stream, operation, data }: StreamCommand): Command {
  switch (operation) {
    case 'pause':
    case 'play':
      return { type: 'set-stream-status', actor, stream, operation, media: data };
    case 'mix':
    case 'unmix':
      return { type: operation, actor, stream, view: data };
    case 'set-region':
      return { type: 'set-region', actor, stream, ...data };
  }
}
