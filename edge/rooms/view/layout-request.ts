// Owns what a client may ask a view's layout to be: the value of a PATCH of `/info/layout` (rest-api §8.3). Which of the
// named streams exist is asked of the caller; whether they are mixed in the view is for `setLayout`.
import * as v from 'valibot';
import { fractionText, readFractionText } from '../../../schemas/fraction.ts';
import { limits } from '../../../schemas/request.ts';
import type { LayoutEntry } from '../../../schemas/stream.ts';
import { refuse } from '../decision.ts';
import type { Refused } from '../decision.ts';

/** As many as a view can have inputs (room-model §3, `maxInput`). */
const mostRegions = 256;

const badRegion = 'Invalid region';
const badStream = 'Invalid input stream id';

/** "0", "1", or "a/b" with a ≤ b; decimals are for room documents only. Becomes `n/d`. */
const share = v.pipe(
  v.string(badRegion),
  v.rawTransform(({ dataset, addIssue, NEVER }) => {
    const text = /^[01]$/.test(dataset.value) ? `${dataset.value}/1` : dataset.value;
    const fraction = readFractionText(text);
    if (fraction === undefined || fraction.numerator > fraction.denominator) {
      addIssue({ message: badRegion });
      return NEVER;
    }
    return fractionText(fraction);
  }),
);

const regionSchema = v.strictObject(
  {
    id: v.pipe(v.string(badRegion), v.minLength(1, badRegion), v.maxLength(limits.idChars, badRegion)),
    shape: v.literal('rectangle', badRegion),
    area: v.strictObject({ left: share, top: share, width: share, height: share }, badRegion),
  },
  badRegion,
);

const entrySchema = v.strictObject({
  stream: v.optional(
    v.pipe(v.string(badStream), v.minLength(1, badStream), v.maxLength(limits.idChars * 2, badStream)),
  ),
  region: regionSchema,
});

/** The first issue's message is the text for the client. */
export const layoutRequestSchema = v.pipe(
  v.array(entrySchema, 'Invalid value'),
  v.minLength(1, badRegion),
  v.maxLength(mostRegions, badRegion),
  v.check((entries) => !hasHole(entries), 'Stream ID hole is not allowed'),
  v.check(
    (entries) => distinct(entries.flatMap(({ stream }) => (stream === undefined ? [] : [stream]))),
    'Stream ID duplicates',
  ),
  v.check((entries) => distinct(entries.map(({ region }) => region.id)), badRegion),
);

/** The layout asked for, or why not: `isForward` says whether an id is that of a forward stream of the room. */
export function readLayoutRequest(
  value: unknown,
  isForward: (stream: string) => boolean,
): { readonly ok: true; readonly layout: readonly LayoutEntry[] } | Refused {
  const parsed = v.safeParse(layoutRequestSchema, value, { abortPipeEarly: true });
  if (!parsed.success) return refuse('bad-request', parsed.issues[0].message);
  const layout: LayoutEntry[] = [];
  for (const { stream, region } of parsed.output) {
    if (stream !== undefined && !isForward(stream)) return refuse('bad-request', badStream);
    layout.push(stream === undefined ? { region } : { stream, region });
  }
  return { ok: true, layout };
}

type Entries = readonly { readonly stream?: string | undefined }[];

/** Only the last entries may be without a stream. */
function hasHole(entries: Entries): boolean {
  return entries.some(
    ({ stream }, index) => stream === undefined && entries[index + 1]?.stream !== undefined,
  );
}

function distinct(texts: readonly string[]): boolean {
  return new Set(texts).size === texts.length;
}
