// Owns the decision how an offer is answered: every m-line's part, and for every session on the transport whether it is
// negotiated, still waiting for its m-lines, or impossible (portal-protocol §7.3–7.5). Pure; the text is sdp-answer.ts.
import type { Kind } from '../../schemas/media.ts';
import type { DesiredPublication } from '../../schemas/worker.ts';
import { choosePublished, chooseSubscribed, redOf, rtxOf, type Choice } from './codecs.ts';
import {
  chooseExtensions,
  extensionIds,
  receivedExtensions,
  sentExtensions,
  type ExtensionIds,
} from './header-extensions.ts';
import type { Payload } from '../routing/payload.ts';
import type { HeaderExtension, MediaSection, SessionDescription } from './session-description.ts';

/** A stream that will arrive; without `ssrc` it is learnt from the mid and rid extensions. */
export interface PublishedLayer {
  readonly rid: string | undefined;
  readonly ssrc: number | undefined;
  readonly rtxSsrc: number | undefined;
}

export interface PublishedTrack {
  readonly mid: string;
  readonly kind: Kind;
  readonly payload: Payload;
  readonly rtx: Payload | undefined;
  readonly red: Payload | undefined;
  readonly layers: readonly PublishedLayer[];
}

/** A track of a subscription as the answerer knows it before negotiation. */
export interface OutgoingTrack extends Choice {
  readonly mid: string;
  readonly kind: Kind;
  readonly ssrc: number;
  readonly rtxSsrc: number;
}

export interface OutgoingSubscription {
  readonly id: string;
  readonly tracks: readonly OutgoingTrack[];
}

export interface SubscribedTrack {
  readonly mid: string;
  /** What may be sent, the preferred first, without rtx and red. */
  readonly payloads: readonly Payload[];
  /** Payload type → payload type of its retransmissions. */
  readonly rtxTypes: ReadonlyMap<number, number>;
  /** Payload type of redundant audio when the client takes it. */
  readonly redType: number | undefined;
}

/** What became of one session in this offer. */
export type Outcome<Track> =
  | { readonly state: 'negotiated'; readonly id: string; readonly tracks: readonly Track[] }
  | { readonly state: 'waiting'; readonly id: string }
  | { readonly state: 'impossible'; readonly id: string; readonly reason: string };

/** How one m-line is answered. */
export type AnswerSection =
  | { readonly type: 'rejected' | 'data'; readonly section: MediaSection }
  | { readonly type: 'inactive'; readonly section: MediaSection; readonly payloads: readonly Payload[] }
  | {
      readonly type: 'receive';
      readonly section: MediaSection;
      readonly payloads: readonly Payload[];
      readonly extensions: readonly HeaderExtension[];
    }
  | {
      readonly type: 'send';
      readonly section: MediaSection;
      readonly payloads: readonly Payload[];
      readonly extensions: readonly HeaderExtension[];
      readonly stream: string;
      readonly ssrc: number;
      readonly rtxSsrc: number | undefined;
    };

export interface Negotiation {
  readonly sections: readonly AnswerSection[];
  readonly extensions: ExtensionIds;
  readonly publications: readonly Outcome<PublishedTrack>[];
  readonly subscriptions: readonly Outcome<SubscribedTrack>[];
}

/** What a session makes of one m-line: it takes it, cannot yet, or never will. */
type Attempt<Track> =
  | { readonly state: 'taken'; readonly track: Track; readonly answer: AnswerSection }
  | { readonly state: 'waiting' }
  | { readonly state: 'impossible'; readonly reason: string };

/**
 * Decides the answer to `offer` for the sessions wanted on its transport. Sessions are independent: one that is
 * impossible leaves its own m-lines inactive and nothing else. The first session to name a mid has it.
 */
export function negotiate(
  offer: SessionDescription,
  publications: readonly DesiredPublication[],
  subscriptions: readonly OutgoingSubscription[],
): Negotiation {
  const byMid = new Map(offer.media.map((section) => [section.mid, section]));
  const answers = new Map<string, AnswerSection>();

  const settle = <Wanted extends { mid: string }, Track>(
    id: string,
    wanted: readonly Wanted[],
    attempt: (section: MediaSection, wanted: Wanted) => Attempt<Track>,
  ): Outcome<Track> => {
    const tracks: Track[] = [];
    const taken: AnswerSection[] = [];
    let waiting = false;
    for (const one of wanted) {
      const section = byMid.get(one.mid);
      if (section && answers.has(section.mid)) {
        return { state: 'impossible', id, reason: `Mid ${one.mid} is in use` };
      }
      const result: Attempt<Track> =
        section && isLive(section) ? attempt(section, one) : { state: 'waiting' };
      if (result.state === 'impossible') return { state: 'impossible', id, reason: result.reason };
      if (result.state === 'waiting') waiting = true;
      else {
        tracks.push(result.track);
        taken.push(result.answer);
      }
    }
    if (waiting) return { state: 'waiting', id };
    for (const answer of taken) answers.set(answer.section.mid, answer);
    return { state: 'negotiated', id, tracks };
  };

  const published = publications.map((one) => settle(one.id, one.tracks, attemptReceive));
  const subscribed = subscriptions.map((one) =>
    settle(one.id, one.tracks, (section, track: OutgoingTrack) => attemptSend(section, track, one.id)),
  );
  const sections = offer.media.map((section) => answers.get(section.mid) ?? answerUnclaimed(section));
  return {
    sections,
    extensions: extensionIds(sections.flatMap((answer) => ('extensions' in answer ? answer.extensions : []))),
    publications: published,
    subscriptions: subscribed,
  };
}

const isLive = (section: MediaSection): boolean =>
  section.bundled && !section.rejected && section.direction !== 'inactive';

function attemptReceive(
  section: MediaSection,
  wanted: DesiredPublication['tracks'][number],
): Attempt<PublishedTrack> {
  if (section.kind !== wanted.kind || section.direction === 'recvonly') {
    return { state: 'impossible', reason: `Mid ${section.mid} is no ${wanted.kind} to publish` };
  }
  const payload = choosePublished(section.payloads, wanted.formats);
  if (!payload) {
    const kind = wanted.kind === 'audio' ? 'Audio' : 'Video';
    return { state: 'impossible', reason: `${kind} format unacceptable` };
  }
  const rtx = rtxOf(section.payloads, payload);
  const red = wanted.kind === 'audio' ? preferredRed(section, payload) : undefined;
  const track: PublishedTrack = {
    mid: section.mid,
    kind: wanted.kind,
    payload,
    rtx,
    red,
    layers: layersOf(section),
  };
  const payloads = [red, payload, rtx].filter((one) => one !== undefined);
  const extensions = chooseExtensions(section, receivedExtensions);
  return { state: 'taken', track, answer: { type: 'receive', section, payloads, extensions } };
}

/** Redundant audio is a wish of the client: taken only when it is offered before what it carries. */
function preferredRed(section: MediaSection, payload: Payload): Payload | undefined {
  const red = redOf(section.payloads, payload);
  if (!red) return undefined;
  return section.payloads.indexOf(red) < section.payloads.indexOf(payload) ? red : undefined;
}

/** The layers an m-line will send: by rid, by legacy SIM group (rids 0, 1, 2 …), or one stream. */
function layersOf(section: MediaSection): PublishedLayer[] {
  const repaired = new Map<number, number>();
  for (const group of section.ssrcGroups) {
    const [ssrc, rtxSsrc] = group.ssrcs;
    if (group.semantics === 'FID' && ssrc !== undefined && rtxSsrc !== undefined) {
      repaired.set(ssrc, rtxSsrc);
    }
  }
  if (section.sendRids.length > 0) {
    return section.sendRids.map((rid) => ({ rid, ssrc: undefined, rtxSsrc: undefined }));
  }
  const simulcast = section.ssrcGroups.find((group) => group.semantics === 'SIM');
  if (simulcast) {
    return simulcast.ssrcs
      .slice(0, 8)
      .map((ssrc, index) => ({ rid: String(index), ssrc, rtxSsrc: repaired.get(ssrc) }));
  }
  const repairs = new Set(repaired.values());
  const ssrc = section.ssrcs.find((one) => !repairs.has(one));
  const rtxSsrc = ssrc === undefined ? undefined : repaired.get(ssrc);
  return [{ rid: undefined, ssrc, rtxSsrc }];
}

function attemptSend(section: MediaSection, wanted: OutgoingTrack, stream: string): Attempt<SubscribedTrack> {
  if (section.kind !== wanted.kind || section.direction === 'sendonly') {
    return { state: 'impossible', reason: `Mid ${section.mid} is no ${wanted.kind} to subscribe` };
  }
  const payloads = chooseSubscribed(section.payloads, wanted);
  const [first] = payloads;
  if (!first) return { state: 'impossible', reason: `No available ${wanted.kind} format` };
  const rtxTypes = new Map<number, number>();
  const listed: Payload[] = [];
  for (const payload of payloads) {
    listed.push(payload);
    const rtx = rtxOf(section.payloads, payload);
    if (!rtx) continue;
    rtxTypes.set(payload.type, rtx.type);
    listed.push(rtx);
  }
  const red = wanted.kind === 'audio' ? redOf(section.payloads, first) : undefined;
  if (red) listed.push(red);
  const track: SubscribedTrack = { mid: section.mid, payloads, rtxTypes, redType: red?.type };
  return {
    state: 'taken',
    track,
    answer: {
      type: 'send',
      section,
      payloads: listed,
      extensions: chooseExtensions(section, sentExtensions),
      stream,
      ssrc: wanted.ssrc,
      rtxSsrc: rtxTypes.size > 0 ? wanted.rtxSsrc : undefined,
    },
  };
}

/** An m-line no session has: inactive while it lives, because the first one carries the transport for all. */
function answerUnclaimed(section: MediaSection): AnswerSection {
  const [payload] = section.payloads;
  if (section.rejected || !section.bundled) return { type: 'rejected', section };
  if (section.kind === 'application') {
    const sctp = section.protocol.endsWith('DTLS/SCTP') && section.formats.includes('webrtc-datachannel');
    return { type: sctp ? 'data' : 'rejected', section };
  }
  if (section.kind === 'other' || !payload) return { type: 'rejected', section };
  return { type: 'inactive', section, payloads: [payload] };
}
