// Owns how a body that does not fit its schema is refused: with the place and the reason of its first fault.
import * as v from 'valibot';
import { SluiceError, type ErrorCode } from '../../schemas/error.ts';

const maxReasonChars = 300;

/** The body as `schema` reads it. Throws SluiceError `code` with `what` and the reason. */
export function validBody<S extends v.GenericSchema>(
  schema: S,
  body: unknown,
  what: string,
  code: ErrorCode = 'bad-request',
): v.InferOutput<S> {
  const result = v.safeParse(schema, body, { abortPipeEarly: true });
  if (result.success) return result.output;
  throw new SluiceError(code, `${what}: ${reasonOf(result.issues[0])}`.slice(0, maxReasonChars));
}

/** Where a value may be one of several things, the one it came nearest to says what is wrong. */
function reasonOf(issue: v.BaseIssue<unknown>, above?: string): string {
  const place = [above, v.getDotPath(issue)].filter((part) => typeof part === 'string').join('.');
  const depth = (each: v.BaseIssue<unknown>) => each.path?.length ?? 0;
  const inner = [...(issue.issues ?? [])].sort((a, b) => depth(b) - depth(a))[0];
  if (inner !== undefined && depth(inner) > 0) return reasonOf(inner, place);
  return place === '' ? issue.message : `${place}: ${issue.message}`;
}
