// Owns the public face of the browser client library.
export { Conference } from './conference.ts';
export type { ConferenceEvents, ConferenceOptions, Meter, TextMessage, TokenSource } from './conference.ts';
export { Connection } from './connection.ts';
export type { ConnectionState } from './connection.ts';
export { PeerLink } from './peer-link.ts';
export type { LinkState } from './peer-link.ts';
export type { Owner, Reading } from './peer.ts';
export { Publication } from './publication.ts';
export type { MediaKind, PublishOptions } from './publication.ts';
export type { SessionState } from './session-state.ts';
export type { MediaStats } from './stats.ts';
export { Subscription } from './subscription.ts';
export type { SubscribeOptions } from './subscription.ts';
export type { VideoCodec } from './codec-preference.ts';
