// Owns the one error type of the house and its stable codes. It knows nothing of HTTP bodies or Socket.IO
// acknowledgements: the gateways translate.

/** Stable codes. `httpStatus` and `restCode` follow spec rest-api §2; wire texts of the portal stay in the message. */
export const errorCodes = {
  'bad-request': { httpStatus: 400, restCode: 1201 },
  'too-large': { httpStatus: 413, restCode: 1201 },
  unauthenticated: { httpStatus: 401, restCode: 1101 },
  forbidden: { httpStatus: 403, restCode: 1102 },
  'not-found': { httpStatus: 404, restCode: 1001 },
  'service-not-found': { httpStatus: 404, restCode: 1002 },
  'room-not-found': { httpStatus: 404, restCode: 1003 },
  'stream-not-found': { httpStatus: 404, restCode: 1004 },
  'participant-not-found': { httpStatus: 404, restCode: 1005 },
  'operation-failed': { httpStatus: 500, restCode: 1301 },
  unavailable: { httpStatus: 500, restCode: 1301 },
  'not-implemented': { httpStatus: 500, restCode: 2001 },
  internal: { httpStatus: 500, restCode: 2001 },
} as const satisfies Record<string, { httpStatus: number; restCode: number }>;

export type ErrorCode = keyof typeof errorCodes;

/**
 * The one error thrown on purpose in this project. `message` is safe to show to a client; `cause` is private and only
 * ever logged.
 */
export class SluiceError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'SluiceError';
    this.code = code;
  }
}

/** What a failed operation looks like on the wire: a stable code and a text that may be shown. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
}

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorCodes, text);
}

/** The error behind a refusal that came over a wire; a code we do not know is `internal`. */
export function errorOf(refusal: { readonly code: string; readonly message: string }): SluiceError {
  return new SluiceError(isErrorCode(refusal.code) ? refusal.code : 'internal', refusal.message);
}

/** Turns anything thrown into what may be told to a client. Unknown errors become `internal` without their text. */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof SluiceError) return { code: error.code, message: error.message };
  return { code: 'internal', message: 'Internal error' };
}
