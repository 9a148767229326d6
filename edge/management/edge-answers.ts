// Owns what an edge tells other edges about itself: its settings without secrets, and which rooms are live on it.
import * as v from 'valibot';
import { type Bus, channels, type Unsubscribe } from '../../schemas/bus.ts';
import { edgeRequestSchema, type NodeConfig, type RoomPresence } from '../../schemas/cluster.ts';
import { SluiceError } from '../../schemas/error.ts';
import type { LiveRoom, Rooms } from '../rooms/live-room.ts';
import { internalParticipant } from '../rooms/stream-info.ts';
import { maskedMembers } from './masked.ts';

export interface EdgeAnswers {
  config(): NodeConfig;
  rooms(): readonly RoomPresence[];
}

/** What the edge with these rooms and settings says of itself. */
export function edgeAnswers({
  rooms,
  config,
}: {
  readonly rooms: Rooms;
  /** As configured; shown masked. */
  readonly config: object;
}): EdgeAnswers {
  return {
    config: () => maskedMembers(config),
    rooms: () => rooms.all().map(presence),
  };
}

/** Answers other edges on the bus until told to stop. */
export function serveEdgeAnswers(bus: Bus, edge: string, answers: EdgeAnswers): Unsubscribe {
  return bus.serve(channels.edge(edge), (message) => {
    const request = v.safeParse(edgeRequestSchema, message);
    if (!request.success) return Promise.reject(new SluiceError('bad-request', 'Unknown request'));
    return Promise.resolve(request.output.type === 'config' ? answers.config() : answers.rooms());
  });
}

function presence({ id, state }: LiveRoom): RoomPresence {
  const workers = [...state.transports.values()].flatMap(({ worker }) => worker ?? []);
  const mixing = state.mixing === undefined ? [] : [state.mixing.worker];
  return {
    room: id,
    participants: [...state.participants.keys()].filter((each) => each !== internalParticipant).length,
    streams: [...state.streams.values()].filter(({ phase }) => phase === 'ready').length,
    subscriptions: state.subscriptions.size,
    workers: [...new Set([...workers, ...mixing])],
  };
}
