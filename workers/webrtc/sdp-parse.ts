// Owns reading an SDP offer from an untrusted client into a SessionDescription. It never throws anything but
// SluiceError, works in linear time and keeps only checked tokens, so that what is echoed cannot break an answer.
import { SluiceError } from '../../schemas/error.ts';
import type { Payload } from '../routing/payload.ts';
import type {
  Direction,
  HeaderExtension,
  MediaSection,
  RemoteCredentials,
  SessionDescription,
  SsrcGroup,
} from './session-description.ts';

const limits = {
  characters: 1_500_000,
  lineCharacters: 4096,
  mediaSections: 400,
  payloads: 128,
  candidates: 200,
  rids: 8,
  ssrcs: 64,
  extensions: 64,
} as const;

const patterns = {
  token: /^[\w!#$%&'*+.^`{|}~-]{1,64}$/,
  mid: /^[\w!#$%&'*+.^`{|}~-]{1,32}$/,
  rid: /^[A-Za-z0-9_-]{1,32}$/,
  printable: /^[\x20-\x7e]*$/,
  media: /^(\w{1,32}) (\d{1,5})(?:\/\d{1,5})? ([\w/]{1,64})((?: [\w-]{1,64}){1,512})$/,
  rtpmap: /^(\d{1,3}) ([\w.+-]{1,32})\/(\d{1,7})(?:\/(\d{1,2}))?$/,
  fmtp: /^(\d{1,3}) (.{1,1024})$/,
  feedback: /^(\d{1,3}|\*) ([\w -]{1,64})$/,
  extmap: /^(\d{1,5})(?:\/\w+)? (\S{1,256})(?: .*)?$/,
  ssrc: /^(\d{1,10})(?: |$)/,
  ssrcGroup: /^(\w{1,16})((?: \d{1,10}){1,32})$/,
  ufrag: /^[A-Za-z0-9+/=_-]{4,256}$/,
  pwd: /^[A-Za-z0-9+/=_-]{22,256}$/,
  fingerprint: /^(sha-(?:1|224|256|384|512)) ((?:[0-9A-F]{2}:){19,63}[0-9A-F]{2})$/i,
} as const;

const directions: ReadonlySet<string> = new Set(['sendrecv', 'sendonly', 'recvonly', 'inactive']);

const refuse = (why: string): SluiceError => new SluiceError('bad-request', `Invalid SDP: ${why}`);

/** Attributes of one level (session or m-line) by name, each with its values in order. */
type Attributes = ReadonlyMap<string, readonly string[]>;

interface Level {
  readonly line: string;
  readonly attributes: Map<string, string[]>;
}

/**
 * Reads an offer. Throws SluiceError `bad-request` with a text that may be shown when it is no SDP, is beyond the
 * bounds, or lacks what a WebRTC transport needs (RFC 8829 §5.2, RFC 9143).
 */
export function parseSdp(text: string): SessionDescription {
  const [session, ...sections] = splitLevels(text);
  if (session === undefined || sections.length === 0) throw refuse('no media');
  const bundle = bundleGroup(session.attributes);
  const mids = new Set<string>();
  const media = sections.map((level, index) => {
    const section = readSection(level, session.attributes, bundle, index);
    if (mids.has(section.mid)) throw refuse('a mid is used twice');
    mids.add(section.mid);
    return section;
  });
  return {
    credentials: readCredentials(session, sections, media),
    candidates: readCandidates([session, ...sections]),
    media,
  };
}

function splitLevels(text: string): Level[] {
  if (text.length > limits.characters) throw refuse('too long');
  const levels: Level[] = [{ line: '', attributes: new Map() }];
  let current = levels[0];
  let first = true;
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (line === '') continue;
    if (first && line !== 'v=0') throw refuse('it does not begin with v=0');
    first = false;
    if (line.length > limits.lineCharacters) throw refuse('a line is too long');
    if (line.startsWith('m=')) {
      if (levels.length > limits.mediaSections) throw refuse('too many m-lines');
      current = { line: line.slice(2), attributes: new Map() };
      levels.push(current);
    } else if (line.startsWith('a=') && patterns.printable.test(line)) {
      const colon = line.indexOf(':');
      const name = colon < 0 ? line.slice(2) : line.slice(2, colon);
      const value = colon < 0 ? '' : line.slice(colon + 1);
      const values = current?.attributes.get(name);
      if (values) values.push(value);
      else current?.attributes.set(name, [value]);
    }
  }
  return levels;
}

/** The mids that share the transport; undefined when the offer has no BUNDLE group. */
function bundleGroup(session: Attributes): ReadonlySet<string> | undefined {
  for (const group of session.get('group') ?? []) {
    const [semantics, ...mids] = group.split(' ');
    if (semantics === 'BUNDLE') return new Set(mids);
  }
  return undefined;
}

function readSection(
  level: Level,
  session: Attributes,
  bundle: ReadonlySet<string> | undefined,
  index: number,
): MediaSection {
  const match = patterns.media.exec(level.line);
  if (!match) throw refuse(`m-line ${String(index)} cannot be read`);
  const [, media = '', port = '', protocol = '', formatText = ''] = match;
  const { attributes } = level;
  const mid = attributes.get('mid')?.[0] ?? String(index);
  if (!patterns.mid.test(mid)) throw refuse(`the mid of m-line ${String(index)} cannot be read`);
  const formats = formatText.trim().split(' ').slice(0, limits.payloads);
  const rtp = media === 'audio' || media === 'video';
  return {
    kind: rtp || media === 'application' ? media : 'other',
    media,
    protocol,
    formats,
    mid,
    rejected: port === '0' && !attributes.has('bundle-only'),
    bundled: bundle ? bundle.has(mid) : index === 0,
    direction: readDirection(attributes) ?? readDirection(session) ?? 'sendrecv',
    payloads: rtp ? readPayloads(formats, attributes) : [],
    extensions: readExtensions(attributes, session),
    sendRids: readSendRids(attributes),
    ssrcs: readSsrcs(attributes),
    ssrcGroups: readSsrcGroups(attributes),
    rtcpReducedSize: attributes.has('rtcp-rsize'),
    mixedExtensions: attributes.has('extmap-allow-mixed') || session.has('extmap-allow-mixed'),
  };
}

function readDirection(attributes: Attributes): Direction | undefined {
  for (const name of attributes.keys()) if (isDirection(name)) return name;
  return undefined;
}

function isDirection(name: string): name is Direction {
  return directions.has(name);
}

/** Payload types whose meaning needs no rtpmap (RFC 3551 table 4), as far as a browser offers them. */
const staticMaps: ReadonlyMap<string, string> = new Map([
  ['0', 'PCMU/8000'],
  ['8', 'PCMA/8000'],
  ['9', 'G722/8000'],
]);

function readPayloads(formats: readonly string[], attributes: Attributes): Payload[] {
  const maps = new Map(staticMaps);
  for (const value of attributes.get('rtpmap') ?? []) {
    const match = patterns.rtpmap.exec(value);
    if (match?.[1] !== undefined) maps.set(match[1], value.slice(match[1].length + 1));
  }
  const fmtps = new Map<string, string>();
  for (const value of attributes.get('fmtp') ?? []) {
    const match = patterns.fmtp.exec(value);
    if (match?.[1] !== undefined && match[2] !== undefined) fmtps.set(match[1], match[2]);
  }
  const feedback = new Map<string, string[]>();
  for (const value of attributes.get('rtcp-fb') ?? []) {
    const match = patterns.feedback.exec(value);
    if (match?.[1] === undefined || match[2] === undefined) continue;
    const list = feedback.get(match[1]) ?? [];
    if (list.length < 16) list.push(match[2]);
    feedback.set(match[1], list);
  }
  const payloads: Payload[] = [];
  const seen = new Set<number>();
  for (const format of formats) {
    const type = Number(format);
    const map = maps.get(format);
    if (!Number.isInteger(type) || type < 0 || type > 127 || map === undefined || seen.has(type)) continue;
    seen.add(type);
    const [name = '', clockRate = '', channels] = map.split('/');
    const fmtp = fmtps.get(format) ?? '';
    payloads.push({
      type,
      name: name.toLowerCase(),
      clockRate: Number(clockRate),
      channels: channels === undefined ? undefined : Number(channels),
      map,
      fmtp,
      parameters: readParameters(fmtp),
      feedback: [...(feedback.get(format) ?? []), ...(feedback.get('*') ?? [])],
    });
  }
  return payloads;
}

function readParameters(fmtp: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const part of fmtp.split(';')) {
    const at = part.indexOf('=');
    if (at > 0) parameters.set(part.slice(0, at).trim().toLowerCase(), part.slice(at + 1).trim());
  }
  return parameters;
}

function readExtensions(attributes: Attributes, session: Attributes): HeaderExtension[] {
  const extensions: HeaderExtension[] = [];
  for (const value of [...(attributes.get('extmap') ?? []), ...(session.get('extmap') ?? [])]) {
    const match = patterns.extmap.exec(value);
    const id = Number(match?.[1]);
    const uri = match?.[2];
    // Ids 15 and above 255 cannot be written in either header form (RFC 8285 §4).
    if (uri === undefined || id < 1 || id === 15 || id > 255) continue;
    if (extensions.length < limits.extensions) extensions.push({ id, uri });
  }
  return extensions;
}

/** Layers named both by `a=rid:… send` and in `a=simulcast:… send …` (RFC 8853 §5.2); alternatives count singly. */
function readSendRids(attributes: Attributes): string[] {
  const declared = new Set<string>();
  for (const value of attributes.get('rid') ?? []) {
    const [rid = '', direction] = value.split(' ');
    if (direction === 'send' && patterns.rid.test(rid)) declared.add(rid);
  }
  const words = (attributes.get('simulcast')?.[0] ?? '').trim().split(/ +/);
  const list = words[words.indexOf('send') + 1];
  if (!words.includes('send') || list === undefined) return [];
  const rids = list.split(/[;,]/).map((rid) => rid.replace(/^~/, ''));
  return [...new Set(rids.filter((rid) => declared.has(rid)))].slice(0, limits.rids);
}

function readSsrcs(attributes: Attributes): number[] {
  const ssrcs = new Set<number>();
  for (const value of attributes.get('ssrc') ?? []) {
    const ssrc = Number(patterns.ssrc.exec(value)?.[1] ?? Number.NaN);
    if (ssrc > 0 && ssrc <= 0xffffffff && ssrcs.size < limits.ssrcs) ssrcs.add(ssrc);
  }
  return [...ssrcs];
}

function readSsrcGroups(attributes: Attributes): SsrcGroup[] {
  const groups: SsrcGroup[] = [];
  for (const value of attributes.get('ssrc-group') ?? []) {
    const match = patterns.ssrcGroup.exec(value);
    if (match?.[1] === undefined || match[2] === undefined || groups.length >= limits.ssrcs) continue;
    const ssrcs = match[2].trim().split(' ').map(Number);
    if (ssrcs.every((ssrc) => ssrc > 0 && ssrc <= 0xffffffff)) {
      groups.push({ semantics: match[1].toUpperCase(), ssrcs });
    }
  }
  return groups;
}

/** Credentials of the transport all bundled m-lines share: those of the first m-line that lives, else the session's. */
function readCredentials(
  session: Level,
  sections: readonly Level[],
  media: readonly MediaSection[],
): RemoteCredentials {
  const tagged = sections.find((_, index) => {
    const section = media[index];
    return section !== undefined && section.bundled && !section.rejected;
  });
  const find = (name: string): string | undefined => {
    for (const level of [tagged, session, ...sections]) {
      const value = level?.attributes.get(name)?.[0];
      if (value !== undefined) return value;
    }
    return undefined;
  };
  const iceUfrag = find('ice-ufrag') ?? '';
  const icePwd = find('ice-pwd') ?? '';
  const fingerprint = find('fingerprint') ?? '';
  if (!patterns.ufrag.test(iceUfrag) || !patterns.pwd.test(icePwd)) throw refuse('no ICE credentials');
  const digest = patterns.fingerprint.exec(fingerprint);
  if (digest?.[1] === undefined || digest[2] === undefined) throw refuse('no DTLS fingerprint');
  const setup = find('setup');
  return {
    iceUfrag,
    icePwd,
    fingerprint: `${digest[1].toLowerCase()} ${digest[2].toUpperCase()}`,
    setup: setup === 'active' || setup === 'passive' ? setup : 'actpass',
  };
}

function readCandidates(levels: readonly Level[]): string[] {
  const candidates: string[] = [];
  for (const level of levels) {
    for (const value of level.attributes.get('candidate') ?? []) {
      if (candidates.length < limits.candidates) candidates.push(`candidate:${value}`);
    }
  }
  return candidates;
}
