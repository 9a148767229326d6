// Owns the form of the ids of services and rooms, ours and those that come from an OWT server's database.
import * as v from 'valibot';

/** 24 hex digits in either case; gives lower case. */
export const objectIdSchema = v.pipe(
  v.string(),
  v.regex(/^[0-9a-fA-F]{24}$/, 'An id is 24 hex digits'),
  v.toLowerCase(),
);
