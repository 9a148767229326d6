// Owns which RTP header extensions are negotiated and their URIs. Their bytes are read and written in workers/rtp.
import type { HeaderExtension, MediaSection } from './session-description.ts';

const uris = {
  audioLevel: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  mid: 'urn:ietf:params:rtp-hdrext:sdes:mid',
  rid: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  repairedRid: 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  absSendTime: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  transportCc: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
} as const;

export type ExtensionName = keyof typeof uris;

/** Ids in force on one transport. Bundled m-lines share them (RFC 8285 §6); an absent one was not offered. */
export type ExtensionIds = Readonly<Partial<Record<ExtensionName, number>>>;

/** Extensions taken from a client that publishes, and those written towards one that subscribes. */
export const receivedExtensions = [
  'audioLevel',
  'mid',
  'rid',
  'repairedRid',
  'absSendTime',
  'transportCc',
] as const satisfies readonly ExtensionName[];
export const sentExtensions = ['transportCc'] as const satisfies readonly ExtensionName[];

/** Those of `wanted` that an m-line offers, in the order wanted. */
export function chooseExtensions(section: MediaSection, wanted: readonly ExtensionName[]): HeaderExtension[] {
  return wanted.flatMap((name) => {
    const offered = section.extensions.find((extension) => extension.uri === uris[name]);
    return offered ? [offered] : [];
  });
}

/** The ids by name of extensions chosen for any m-line of a transport. */
export function extensionIds(extensions: readonly HeaderExtension[]): ExtensionIds {
  const ids: Partial<Record<ExtensionName, number>> = {};
  for (const name of receivedExtensions) {
    const found = extensions.find((extension) => extension.uri === uris[name]);
    if (found) ids[name] = found.id;
  }
  return ids;
}
