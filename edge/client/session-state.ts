// Owns the life of one publication or subscription as the page sees it. A session at the server may come and go with
// its worker; the object in the page stays and is filled anew.

export type SessionState =
  /** Never yet up. */
  | { readonly phase: 'connecting' }
  /** `id` is the server's session id; for a publication also its stream's. */
  | { readonly phase: 'live'; readonly id: string }
  /** Was up; the library is bringing it back. */
  | { readonly phase: 'recovering'; readonly reason: string }
  | { readonly phase: 'ended'; readonly reason: string };

/** The reason of an end that the page asked for. */
export const stopped = 'stopped';
