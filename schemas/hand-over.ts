// Owns what edges tell each other about a participant that moves: the edge where its client comes back asks the one that
// held it what the client has not had yet. How it moves is edge/portal's.
import * as v from 'valibot';
import type { Notice } from './notice.ts';
import { limits, protocolVersions } from './request.ts';

/** Where an edge answers for the participants it holds or held. */
export function handOverChannel(edge: string): string {
  return `edge.${edge}.hand-over`;
}

const id = v.pipe(v.string(), v.maxLength(limits.idChars));
const seq = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const positionSchema = v.object({ seq, epoch: id });

export const handOverRequestSchema = v.object({
  room: id,
  participant: id,
  /** The log entry by which the participant came to the asking edge. */
  seq,
  /** Where the client left off, when its protocol counts. */
  position: v.optional(positionSchema),
});
export type HandOverRequest = v.InferOutput<typeof handOverRequestSchema>;

/** An answer to an offer that the client may not have had. */
const keptAnswer = v.object({ transport: v.string(), sdp: v.string(), isFirst: v.boolean() });
export type KeptAnswer = v.InferOutput<typeof keptAnswer>;

/** What is remembered of a client whose protocol does not count what it gets. */
export const mailSchema = v.object({
  version: v.picklist(protocolVersions),
  /** Whether it may ask for tickets. */
  ticket: v.boolean(),
  answers: v.array(keptAnswer),
});
export type Mail = v.InferOutput<typeof mailSchema>;

export const handedOverSchema = v.object({
  /** For the participant, in order, up to the request's `seq`; absent when some are no longer kept. */
  missed: v.optional(v.array(v.custom<Notice>(isNotice))),
  mail: v.optional(mailSchema),
});
export type HandedOver = v.InferOutput<typeof handedOverSchema>;

/** Its frame; what is inside was made by an edge of ours. */
function isNotice(value: unknown): value is Notice {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
