// Owns what is told of the server's own keys: which there are, never what they are.
import * as v from 'valibot';

/** Kinds of keys that an operator may replace. */
export const keyKinds = ['token', 'ticket', 'secret-box'] as const;

/** The current key and those before it that are still good; times are milliseconds since 1970. */
export const serverKeysSchema = v.object({
  current: v.object({ id: v.string(), since: v.number() }),
  previous: v.array(v.object({ id: v.string(), since: v.number(), until: v.exactOptional(v.number()) })),
});
export type ServerKeysView = v.InferOutput<typeof serverKeysSchema>;
