// Owns what a failed Redis command looks like to the rest of the edge. Causes carry Redis' own words and never the
// command, whose arguments may be secret.
import { SluiceError } from '../../../schemas/error.ts';

/** Redis works, but what was asked or what is stored is wrong: trying again does not help. */
const ours = /^(ERR|WRONGTYPE|CROSSSLOT|NOSCRIPT|NOPERM|EXECABORT|BUSYKEY)\b/;
const maxChars = 200;

/** `internal` when the fault is in the command or the data, `unavailable` for everything that may pass. */
export function failureOf(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error;
  const text = error instanceof Error ? error.message : String(error);
  // "unknown command … with args beginning with" and errors of scripts may repeat arguments.
  const cause = new Error(text.replace(/,? with args beginning with.*/s, '').slice(0, maxChars));
  if (ours.test(text)) return new SluiceError('internal', 'Internal error', cause);
  return new SluiceError('unavailable', 'The store cannot be reached', cause);
}
