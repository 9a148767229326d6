// Owns how libdatachannel peers of tests come to know a server: candidates are not in their offer, nor in the answer they are
// given, but follow it. So the server checks first, once its answer is in place: a libdatachannel that is checked before that,
// or that is first and sends its one DTLS hello to a server not yet connected, waits a second or gives up. Browsers do not
// mind either.

const candidateLines = /^a=(?:candidate:.*|end-of-candidates)\r?\n/gm;
/** By then the answer is in place. */
const laterMs = 5;

export interface LateCandidate {
  /** Without `a=`. */
  readonly candidate: string;
  readonly sdpMid: string;
  readonly sdpMLineIndex: number;
}

export function withoutCandidates(sdp: string): string {
  return sdp.replaceAll(candidateLines, '');
}

/** Gives `send` those of an offer, soon. What it returns is not waited for: a transport that is gone by then needs none. */
export function sendCandidatesLater(offer: string, send: (candidate: LateCandidate) => unknown): void {
  setTimeout(() => {
    for (const [, candidate = ''] of offer.matchAll(/^a=(candidate:.*?)\r?$/gm)) {
      Promise.resolve(send({ candidate, sdpMid: '0', sdpMLineIndex: 0 })).catch(() => undefined);
    }
  }, laterMs);
}
