// Owns where transports and mixers are placed, and a transport's end when no worker can or does carry it. A transport is
// placed once: its state does not move, so a lost worker ends it (cluster F6).
import type { Command, Decision } from './command.ts';
import { accept } from './decision.ts';
import type { OpenRoom } from './decision.ts';

type Of<T extends Command['type']> = Extract<Command, { type: T }>;

/** The reasons told to owners of sessions on a lost worker (spec cluster §8); the command's own reason is for logs. */
export const nodeLost = 'Node lost';
export const accessNodeLost = 'Access node exited unexpectedly';

export function decidePlacement(room: OpenRoom, { transport: id, worker }: Of<'place-transport'>): Decision {
  const transport = room.transports.get(id);
  if (transport === undefined || transport.worker !== undefined) return accept();
  return accept({ type: 'transport-placed', transport: id, worker });
}

export function decideUnplaceable(room: OpenRoom, command: Of<'transport-unplaceable'>): Decision {
  const transport = room.transports.get(command.transport);
  if (transport === undefined || transport.worker !== undefined) return accept();
  return accept({ type: 'transport-closed', transport: transport.id, reason: command.reason });
}

/** Mixers may move: what they make goes on elsewhere under the same names. */
export function decidePlaceMixing(room: OpenRoom, { worker }: Of<'place-mixing'>): Decision {
  return room.mixing?.worker === worker ? accept() : accept({ type: 'mixing-placed', worker });
}

/** Participants stay and may publish and subscribe anew. */
export function decideWorkerLost(room: OpenRoom, { worker }: Of<'worker-lost'>): Decision {
  const lost = [...room.transports.values()].filter((transport) => transport.worker === worker);
  return accept(
    ...lost.map(({ id, work }) => {
      const reason = work === undefined ? nodeLost : accessNodeLost;
      return { type: 'transport-closed', transport: id, reason } as const;
    }),
    ...(room.mixing?.worker === worker ? [{ type: 'mixing-displaced' } as const] : []),
  );
}
