// Owns what a room knows of the cluster's engines: which kinds of media can be mixed and transcoded for it.

/** Which kinds the cluster's workers can transcode. */
export interface Transcoders {
  readonly audio: boolean;
  readonly video: boolean;
}

export const noTranscoders: Transcoders = { audio: false, video: false };

/** What can be done where either can be done. */
export function bothOf(a: Transcoders, b: Transcoders): Transcoders {
  return { audio: a.audio || b.audio, video: a.video || b.video };
}

export function sameTranscoders(a: Transcoders, b: Transcoders): boolean {
  return a.audio === b.audio && a.video === b.video;
}
