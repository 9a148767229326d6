// Owns how a URI is shown to others: without the password in it.

/** The same text, its password replaced by stars. For `scheme://user:password@host`, `sip:user:password@host`, `user:password@host`. */
export function maskedUri(uri: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/|sips?:)?([^]*)$/i.exec(uri) ?? [];
  // All up to the last @ before the path: a password may hold one.
  const user = /^([^/?#]*)@/.exec(rest)?.[1];
  const colon = user?.indexOf(':') ?? -1;
  if (user === undefined || colon < 0) return uri;
  return `${scheme}${user.slice(0, colon)}:***${rest.slice(user.length)}`;
}
