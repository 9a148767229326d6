// Owns the text of an answer. What it says was decided in negotiation.ts.
import type { AnswerSection } from './negotiation.ts';
import type { Payload } from '../routing/payload.ts';
import type { HeaderExtension, MediaSection } from './session-description.ts';

/** Our side of ICE and DTLS as an answer tells it. */
export interface LocalCredentials {
  readonly iceUfrag: string;
  readonly icePwd: string;
  readonly fingerprint: string;
  readonly setup: 'active' | 'passive';
  /** Candidate attributes without `a=`. */
  readonly candidates: readonly string[];
}

const acceptedFeedback: ReadonlySet<string> = new Set([
  'ccm fir',
  'nack',
  'nack pli',
  'transport-cc',
  'goog-remb',
]);

/** Largest data channel message, in bytes, that either side may send. */
export const maxDataMessageBytes = 262_144;

/**
 * Writes an answer with all candidates inside, because clients do not take trickled ones (portal-protocol §7.3).
 * `version` grows with every answer of the transport.
 */
export function writeAnswer(
  sections: readonly AnswerSection[],
  local: LocalCredentials,
  version: number,
): string {
  const live = sections.filter((answer) => answer.type !== 'rejected');
  const lines = [
    'v=0',
    `o=- 1 ${String(version)} IN IP4 127.0.0.1`,
    's=-',
    't=0 0',
    `a=group:BUNDLE ${live.map((answer) => answer.section.mid).join(' ')}`.trimEnd(),
    // A browser whose offer of this is left unanswered makes its senders anew at each renegotiation.
    ...(live.every(({ section }) => section.mixedExtensions) ? ['a=extmap-allow-mixed'] : []),
    'a=msid-semantic: WMS *',
    ...sections.flatMap((answer) => [...mediaLines(answer), ...transportLines(answer, local)]),
  ];
  return `${lines.join('\r\n')}\r\n`;
}

function mediaLines(answer: AnswerSection): string[] {
  const { section } = answer;
  const head = (port: number, formats: string): string[] => [
    `m=${section.media} ${String(port)} ${section.protocol} ${formats}`,
    'c=IN IP4 0.0.0.0',
    `a=mid:${section.mid}`,
  ];
  switch (answer.type) {
    case 'rejected':
      return [...head(0, section.formats[0] ?? '0'), 'a=inactive'];
    case 'data':
      return [
        ...head(9, 'webrtc-datachannel'),
        'a=sctp-port:5000',
        `a=max-message-size:${String(maxDataMessageBytes)}`,
      ];
    case 'inactive':
      return [...head(9, typesOf(answer.payloads)), 'a=inactive', ...rtpLines(section, answer.payloads, [])];
    case 'receive':
      return [
        ...head(9, typesOf(answer.payloads)),
        'a=recvonly',
        ...rtpLines(section, answer.payloads, answer.extensions),
        ...simulcastLines(section),
      ];
    case 'send':
      return [
        ...head(9, typesOf(answer.payloads)),
        'a=sendonly',
        ...rtpLines(section, answer.payloads, answer.extensions),
        ...sourceLines(answer),
      ];
  }
}

const typesOf = (payloads: readonly Payload[]): string =>
  payloads.map((payload) => String(payload.type)).join(' ');

function rtpLines(
  section: MediaSection,
  payloads: readonly Payload[],
  extensions: readonly HeaderExtension[],
): string[] {
  const lines = ['a=rtcp-mux'];
  if (section.rtcpReducedSize) lines.push('a=rtcp-rsize');
  for (const { id, uri } of extensions) lines.push(`a=extmap:${String(id)} ${uri}`);
  for (const payload of payloads) {
    const type = String(payload.type);
    lines.push(`a=rtpmap:${type} ${payload.map}`);
    if (payload.fmtp !== '') lines.push(`a=fmtp:${type} ${payload.fmtp}`);
    for (const feedback of payload.feedback) {
      if (acceptedFeedback.has(feedback)) lines.push(`a=rtcp-fb:${type} ${feedback}`);
    }
  }
  return lines;
}

function simulcastLines(section: MediaSection): string[] {
  if (section.sendRids.length === 0) return [];
  return [
    ...section.sendRids.map((rid) => `a=rid:${rid} recv`),
    `a=simulcast:recv ${section.sendRids.join(';')}`,
  ];
}

/** One stream id for a subscription's audio and video: browsers group the tracks by it (portal-protocol §7.3). */
function sourceLines(answer: Extract<AnswerSection, { type: 'send' }>): string[] {
  const { stream, section, ssrc, rtxSsrc } = answer;
  const lines = [`a=msid:${stream} ${stream}-${section.mid}`];
  if (rtxSsrc !== undefined) lines.push(`a=ssrc-group:FID ${String(ssrc)} ${String(rtxSsrc)}`);
  lines.push(`a=ssrc:${String(ssrc)} cname:${stream}`);
  if (rtxSsrc !== undefined) lines.push(`a=ssrc:${String(rtxSsrc)} cname:${stream}`);
  return lines;
}

function transportLines(answer: AnswerSection, local: LocalCredentials): string[] {
  if (answer.type === 'rejected') return [];
  return [
    `a=ice-ufrag:${local.iceUfrag}`,
    `a=ice-pwd:${local.icePwd}`,
    `a=fingerprint:${local.fingerprint}`,
    `a=setup:${local.setup}`,
    ...local.candidates.map((candidate) => `a=${candidate}`),
    'a=end-of-candidates',
  ];
}
