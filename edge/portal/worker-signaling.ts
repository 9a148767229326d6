// Owns what of a client's signaling reaches its transport's worker.
import type { ClientSignaling } from '../../schemas/request.ts';
import type { Signaling } from '../../schemas/worker.ts';

type ClientCandidate = Extract<ClientSignaling, { type: 'candidate' }>['candidate'];

/** Undefined for an `answer`: the server never offers (portal-protocol §6.5). The SDK's `a=` before a candidate is taken off. */
export function workerSignaling(signaling: ClientSignaling): Signaling | undefined {
  switch (signaling.type) {
    case 'offer':
      return { type: 'offer', sdp: signaling.sdp };
    case 'answer':
      return undefined;
    case 'candidate':
      return { type: 'candidate', candidate: plain(signaling.candidate) };
    case 'removed-candidates':
      return { type: 'removed-candidates', candidates: signaling.candidates.map(plain) };
  }
}

function plain(candidate: ClientCandidate): ClientCandidate {
  return { ...candidate, candidate: candidate.candidate.replace(/^a=/, '') };
}
