// Owns what a person is told when a program of ours cannot use its Redis.

/** What is wrong with the Redis at `where` (no password in it) and what to do; `cause`: what the connection told. */
export function redisTrouble(where: string, cause: unknown): string {
  const text = cause instanceof Error ? cause.message : '';
  if (text.startsWith('NOAUTH')) return `Redis at ${where} asks for a password: redis://:PASSWORD@${where}`;
  if (/^(WRONGPASS|ERR (invalid|AUTH))/.test(text)) return `Redis at ${where} refuses this user or password`;
  if (text.startsWith('NOPERM'))
    return `Redis at ${where} does not let this user do all that is needed: ${text}`;
  if (/^(ENOTFOUND|EAI_AGAIN)|getaddrinfo/.test(text))
    return `Redis at ${where} cannot be found: nobody knows that name`;
  return `Redis at ${where} does not answer${text === '' ? '' : ` (${text})`}`;
}
