// Owns what a room knows of the cluster's engines: which kinds of media can be mixed and transcoded for it.

/** Which kinds the cluster's workers can transcode. */
export interface Transcoders {
  readonly audio: boolean;
  readonly video: boolean;
}

export const noTranscoders: Transcoders = { audio: false, video: false };
