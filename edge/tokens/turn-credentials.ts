// Owns credentials for a TURN server that are good for some time, as coturn's `use-auth-secret` checks them (draft-uberti-
// behave-turn-rest-00 §2.2). Who gets which servers is `ice-servers.ts`.
const utf8 = new TextEncoder();
const hmac = { name: 'HMAC', hash: 'SHA-1' };

export interface TurnCredentials {
  readonly username: string;
  readonly credential: string;
}

/**
 * What `user` shows the server that shares `secret` (UTF-8 text, not empty) until `expiresAtMs` of Unix time. `user` is in
 * the server's log and is what its quotas count by.
 */
export async function turnCredentials(
  secret: string,
  user: string,
  expiresAtMs: number,
): Promise<TurnCredentials> {
  const username = `${Math.floor(expiresAtMs / 1000)}:${user}`;
  const key = await crypto.subtle.importKey('raw', utf8.encode(secret), hmac, false, ['sign']);
  const digest = await crypto.subtle.sign('HMAC', key, utf8.encode(username));
  return { username, credential: btoa(String.fromCharCode(...new Uint8Array(digest))) };
}
