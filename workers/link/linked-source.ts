// Owns the way of a source's description over a link: what its sender says, and the payload the receiver makes of it.
import * as v from 'valibot';
import { linkedSourceSchema, type LinkedSource } from '../../schemas/link.ts';
import type { Payload } from '../routing/payload.ts';
import type { Source } from '../routing/source.ts';

/** Extension ids on every link (RFC 8285, one-byte form). */
export const linkExtensions = { audioLevel: 1, transportCc: 2 } as const;

/** Undefined for a source whose payload cannot be told within the bounds of the schema. */
export function describeSource(source: Source, ssrc: number, rtxSsrc: number): LinkedSource | undefined {
  const { track, kind, rid, payload, redType, audioLevelId } = source;
  const described: LinkedSource = {
    track,
    kind,
    ...(rid === undefined ? {} : { rid }),
    ssrc,
    rtxSsrc,
    payload: {
      type: payload.type,
      name: payload.name,
      clockRate: payload.clockRate,
      ...(payload.channels === undefined ? {} : { channels: payload.channels }),
      map: payload.map,
      fmtp: payload.fmtp,
      parameters: Object.fromEntries(payload.parameters),
    },
    ...(redType === undefined ? {} : { redType }),
    audioLevel: audioLevelId !== undefined,
  };
  return v.is(linkedSourceSchema, described) ? described : undefined;
}

export function payloadOf({ payload }: LinkedSource): Payload {
  return {
    type: payload.type,
    name: payload.name,
    clockRate: payload.clockRate,
    channels: payload.channels,
    map: payload.map,
    fmtp: payload.fmtp,
    parameters: new Map(Object.entries(payload.parameters)),
    feedback: [],
  };
}

/** Whether both can be one source for its sinks, be it under another SSRC. */
export function isSameSource(a: LinkedSource, b: LinkedSource): boolean {
  const key = ({ kind, rid, payload, redType }: LinkedSource): string =>
    JSON.stringify([kind, rid ?? null, payload, redType ?? null]);
  return key(a) === key(b);
}
