// Owns how publish and subscribe requests of protocols 1.0 and 1.1 become those of 1.2 (portal-protocol §12): media by
// kind become tracks on m-lines that are implied, audio first. Pure.
import * as v from 'valibot';
import { limits, sourceIdSchema, wantedParameters } from '../../../schemas/request.ts';

/** The track id of a simulcast layer of a stream; undefined when there is none. */
export type LayerOf = (stream: string, rid: string) => string | undefined;

const source = v.optional(v.pipe(v.string(), v.maxLength(64)));
const kind = <S extends v.GenericSchema>(schema: S) => v.union([v.literal(false), schema]);

export const olderPublishSchema = v.strictObject({
  media: v.strictObject({
    audio: kind(v.object({ source })),
    /** `parameters` is told, not asked for. */
    video: kind(v.object({ source })),
  }),
  attributes: v.optional(v.record(v.string(), v.unknown())),
});

export const olderSubscribeSchema = v.strictObject({
  media: v.strictObject({
    /** A `format` is lost on the way, as ever: the offer's order decides. */
    audio: kind(v.object({ from: sourceIdSchema })),
    video: kind(
      v.object({
        from: sourceIdSchema,
        parameters: v.optional(wantedParameters),
        simulcastRid: v.optional(v.pipe(v.string(), v.maxLength(limits.idChars))),
      }),
    ),
  }),
});

/** The tracks with the mids of an offer that has audio first; what a kind says beside `false` is its track's. */
function onLines<A, V>(media: { readonly audio: A | false; readonly video: V | false }) {
  const { audio, video } = media;
  return [
    ...(audio === false ? [] : [{ type: 'audio' as const, mid: '0', ...audio }]),
    ...(video === false ? [] : [{ type: 'video' as const, mid: audio === false ? '0' : '1', ...video }]),
  ];
}

/** What is to be checked as a 1.2 request. */
export function publishOfOlder({ media, attributes }: v.InferOutput<typeof olderPublishSchema>): object {
  return { media: { tracks: onLines(media) }, ...(attributes === undefined ? {} : { attributes }) };
}

/** What is to be checked as a 1.2 request. A layer that does not exist is asked for by name, to be refused by name. */
export function subscribeOfOlder(
  { media: { audio, video } }: v.InferOutput<typeof olderSubscribeSchema>,
  layerOf: LayerOf,
): object {
  return { media: { tracks: onLines({ audio, video: video === false ? video : layered(video, layerOf) }) } };
}

function layered(
  video: Exclude<v.InferOutput<typeof olderSubscribeSchema>['media']['video'], false>,
  layerOf: LayerOf,
): object {
  const { simulcastRid, ...rest } = video;
  if (simulcastRid === undefined) return rest;
  return { ...rest, from: layerOf(video.from, simulcastRid) ?? `${video.from}:${simulcastRid}` };
}
