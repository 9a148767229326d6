// Owns what a client is told of STUN and TURN servers, the same in our protocol and over REST.
import * as v from 'valibot';

/** As `RTCPeerConnection` takes it. */
export const iceServerSchema = v.object({
  urls: v.array(v.string()),
  username: v.exactOptional(v.string()),
  credential: v.exactOptional(v.string()),
});
export type IceServer = v.InferOutput<typeof iceServerSchema>;

export const iceServersSchema = v.object({
  iceServers: v.array(iceServerSchema),
  /** For how long from now their credentials are good; absent: for ever. */
  iceServersMs: v.exactOptional(v.number()),
});

export interface IceServers {
  readonly iceServers: readonly {
    readonly urls: readonly string[];
    readonly username?: string;
    readonly credential?: string;
  }[];
  /** For how long from now their credentials are good; absent: for ever. New ones come by `resume` and `ice-servers`. */
  readonly iceServersMs?: number;
}
