// Owns the one-m-line SDP that libdatachannel is given in place of the real one, so that it does ICE, DTLS and SRTP and
// nothing else. The real negotiation is negotiation.ts.
import type { LocalCredentials } from './sdp-answer.ts';
import { maxDataMessageBytes } from './sdp-answer.ts';
import type { RemoteCredentials } from './session-description.ts';

/** A description in a client's name with its `credentials`; `data` adds the SCTP m-line. */
export function pseudoDescription(
  credentials: RemoteCredentials,
  setup: 'active' | 'passive' | 'actpass',
  data: boolean,
): string {
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    `a=group:BUNDLE 0${data ? ' 1' : ''}`,
    `a=ice-ufrag:${credentials.iceUfrag}`,
    `a=ice-pwd:${credentials.icePwd}`,
    `a=fingerprint:${credentials.fingerprint}`,
    `a=setup:${setup}`,
    'a=ice-options:trickle',
    'm=video 9 UDP/TLS/RTP/SAVPF 96',
    'c=IN IP4 0.0.0.0',
    'a=mid:0',
    'a=sendrecv',
    'a=rtcp-mux',
    'a=rtpmap:96 VP8/90000',
  ];
  if (data) {
    lines.push(
      'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
      'c=IN IP4 0.0.0.0',
      'a=mid:1',
      'a=sctp-port:5000',
      `a=max-message-size:${String(maxDataMessageBytes)}`,
    );
  }
  return `${lines.join('\r\n')}\r\n`;
}

/** Our credentials out of libdatachannel's own description; undefined when it lacks one. */
export function readLocalCredentials(sdp: string): LocalCredentials | undefined {
  const lines = sdp.split(/\r?\n/);
  const value = (name: string): string | undefined =>
    lines.find((line) => line.startsWith(`a=${name}:`))?.slice(name.length + 3);
  const iceUfrag = value('ice-ufrag');
  const icePwd = value('ice-pwd');
  const fingerprint = value('fingerprint');
  const setup = value('setup');
  if (iceUfrag === undefined || icePwd === undefined || fingerprint === undefined) return undefined;
  const candidates = lines.filter((line) => line.startsWith('a=candidate:')).map((line) => line.slice(2));
  return {
    iceUfrag,
    icePwd,
    fingerprint,
    setup: setup === 'active' ? 'active' : 'passive',
    candidates: [...new Set(candidates)],
  };
}
