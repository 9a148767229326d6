// Owns which received SSRC belongs to which source of one transport: told by the SDP, or learnt from the mid, rid and
// repaired-rid extensions of the first packets (RFC 8843 §9.2, RFC 8853 §5.5), or from a payload type only one track has.
import { readTextExtension } from '../rtp/extensions.ts';
import type { RtpHeader } from '../rtp/packet.ts';
import type { ExtensionIds } from './header-extensions.ts';
import type { Source } from '../routing/source.ts';

/** The received side of one m-line: one source, or one for each rid. */
export interface IncomingTrack {
  readonly mid: string;
  readonly payloadType: number;
  readonly redType: number | undefined;
  readonly rtxType: number | undefined;
  readonly sources: readonly Source[];
}

/** `repair`: the SSRC carries retransmissions of the source, under RTX framing. */
export interface SsrcRoute {
  readonly source: Source;
  readonly repair: boolean;
}

const maxRoutes = 512;

export class SsrcTable {
  readonly #routes = new Map<number, SsrcRoute>();
  #tracks: readonly IncomingTrack[] = [];
  #ids: ExtensionIds = {};

  /** Replaces what is received; routes to sources that are gone fall away. */
  setTracks(tracks: readonly IncomingTrack[]): void {
    this.#tracks = tracks;
    const kept = new Set(tracks.flatMap(({ sources }) => sources));
    for (const [ssrc, { source }] of this.#routes) if (!kept.has(source)) this.#routes.delete(ssrc);
  }

  setExtensions(ids: ExtensionIds): void {
    this.#ids = ids;
  }

  find(ssrc: number): SsrcRoute | undefined {
    return this.#routes.get(ssrc);
  }

  /** Ties an SSRC to a source; for its own stream (not `repair`) the source takes it up. */
  bind(ssrc: number, source: Source, repair: boolean): SsrcRoute | undefined {
    const known = this.#routes.get(ssrc);
    if (known?.source === source && known.repair === repair) return known;
    if (this.#routes.size >= maxRoutes) return undefined;
    if (!repair) {
      if (source.ssrc !== undefined) this.#routes.delete(source.ssrc);
      source.bind(ssrc);
    }
    const route = { source, repair };
    this.#routes.set(ssrc, route);
    return route;
  }

  /** The route of a packet whose SSRC is not known yet; undefined when nothing tells where it belongs. */
  learn(packet: Uint8Array, header: RtpHeader): SsrcRoute | undefined {
    const read = (id: number | undefined): string | undefined =>
      id === undefined ? undefined : readTextExtension(packet, header, id);
    const mid = read(this.#ids.mid);
    const rid = read(this.#ids.rid);
    const repairedRid = read(this.#ids.repairedRid);
    const track = mid === undefined ? this.#onlyWith(header.payloadType) : this.#withMid(mid);
    if (!track) return undefined;
    const type = header.payloadType;
    const repair = type === track.rtxType;
    if (!repair && type !== track.payloadType && type !== track.redType) return undefined;
    const layer = repair ? (repairedRid ?? rid) : rid;
    const source = this.#layerOf(track, layer);
    if (!source) return undefined;
    // Without a mid it is a guess, which must not take a source away from the SSRC it is known by.
    if (mid === undefined && !repair && source.ssrc !== undefined) return undefined;
    return this.bind(header.ssrc, source, repair);
  }

  #layerOf(track: IncomingTrack, rid: string | undefined): Source | undefined {
    const [only] = track.sources;
    if (track.sources.length === 1 && only?.rid === undefined) return only;
    return rid === undefined ? undefined : track.sources.find((source) => source.rid === rid);
  }

  #withMid(mid: string): IncomingTrack | undefined {
    return this.#tracks.find((track) => track.mid === mid);
  }

  #onlyWith(type: number): IncomingTrack | undefined {
    const having = this.#tracks.filter(
      (track) => track.payloadType === type || track.redType === type || track.rtxType === type,
    );
    return having.length === 1 ? having[0] : undefined;
  }
}
