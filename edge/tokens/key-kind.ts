// Owns which keys the server has of its own, and how long each is needed after it was replaced.

export const tokenTtlMs = 180_000;
export const ticketLifetimeMs = 600_000;
/** How far the clocks of two edges may be apart. */
export const clockToleranceMs = 5_000;
/** An edge may use a key for some seconds after it was replaced elsewhere, and its clock may differ. */
const slackMs = 30_000;

export type KeyKind = 'token' | 'ticket' | 'secret-box';

export const keyKinds: Readonly<
  Record<KeyKind, { readonly name: string; readonly secretBytes: number; readonly keepMs: number }>
> = {
  token: { name: 'token', secretBytes: 64, keepMs: tokenTtlMs + slackMs },
  ticket: { name: 'ticket', secretBytes: 64, keepMs: ticketLifetimeMs + slackMs },
  /** What it sealed is kept for years. */
  'secret-box': { name: 'secret-box', secretBytes: 32, keepMs: Infinity },
};
