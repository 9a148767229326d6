// Owns access units in Annex B form from what payloads hold of NAL units: that fragments follow each other, that nothing lacks
// at the beginning. Which units a payload holds, and what they mean, is the codecs'.
import { startCode } from './annex-b.ts';
import { framePayloads, incomplete, joinParts } from './frame-payloads.ts';
import type { VideoDepacketizer } from './video-depacketizer.ts';

/** A NAL unit or a part of one. */
export interface NalPart {
  /** The NAL unit's own, as a big-endian number. */
  readonly header: number;
  readonly body: Uint8Array;
  /** A fragment that is not the first. */
  readonly continues: boolean;
  readonly ends: boolean;
}

export interface NalCodec {
  /** Units in one payload; undefined when it is empty or malformed. */
  readonly unitsOf: (payload: Uint8Array) => readonly NalPart[] | undefined;
  /** A header as it stands in the byte stream. */
  readonly headerOf: (header: number) => Uint8Array;
  /** True for the beginning of a unit that nothing needed can precede in its frame. */
  readonly beginsFrame: (unit: NalPart) => boolean;
  /** Its frame may be a key frame. */
  readonly tellsKey: (unit: NalPart) => boolean;
  /** Its frame is a key frame. */
  readonly isKey: (unit: NalPart) => boolean;
}

/** A random access slice that comes first is `incomplete` unless `edges` say that no parameter sets came before it. */
export function nalDepacketizer(codec: NalCodec): VideoDepacketizer {
  const { unitsOf, headerOf, beginsFrame, tellsKey, isKey } = codec;
  return {
    inspect(payload) {
      const units = unitsOf(payload);
      const first = units?.[0];
      if (units === undefined || first === undefined) return undefined;
      return { start: !first.continues && beginsFrame(first), key: units.some(tellsKey) };
    },

    depacketize(packets, edges = {}) {
      const payloads = framePayloads(packets, edges);
      if (payloads === undefined) return incomplete(packets);
      const parts: Uint8Array[] = [];
      let keyFrame = false;
      let fragmented = -1;
      for (const payload of payloads) {
        const units = unitsOf(payload);
        if (units === undefined) return incomplete(packets);
        for (const unit of units) {
          if (unit.continues !== fragmented >= 0) return incomplete(packets);
          if (unit.continues) {
            if (unit.header !== fragmented) return incomplete(packets);
          } else {
            if (parts.length === 0 && edges.begins !== true && !beginsFrame(unit)) return incomplete(packets);
            parts.push(startCode, headerOf(unit.header));
          }
          parts.push(unit.body);
          fragmented = unit.ends ? -1 : unit.header;
          keyFrame ||= isKey(unit);
        }
      }
      if (fragmented >= 0) return incomplete(packets);
      const timestamp = packets[0]?.timestamp ?? 0;
      return { type: 'complete', frame: { data: joinParts(parts), timestamp, keyFrame } };
    },
  };
}
