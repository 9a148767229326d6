// Owns adding up what the tracks of a link count, those that are gone included.
import type { LinkCounters } from '../../schemas/link.ts';

export const noCounters: LinkCounters = {
  packets: 0,
  bytes: 0,
  packetsLost: 0,
  retransmissions: 0,
  nacks: 0,
  plis: 0,
};

export function addCounters(sum: LinkCounters, more: LinkCounters): LinkCounters {
  return {
    packets: sum.packets + more.packets,
    bytes: sum.bytes + more.bytes,
    packetsLost: sum.packetsLost + more.packetsLost,
    retransmissions: sum.retransmissions + more.retransmissions,
    nacks: sum.nacks + more.nacks,
    plis: sum.plis + more.plis,
  };
}
