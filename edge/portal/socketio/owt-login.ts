// Owns what may stand in an OWT `login` (portal-protocol §5) and what follows from it. Pure; the token is not looked at.
import * as v from 'valibot';
import { userAgentSchema } from '../../../schemas/request.ts';
import type { JoinResult } from '../../../schemas/signal.ts';
import { owtStream } from './owt-events.ts';
import { isOwtVersion, type OwtVersion } from './owt-version.ts';

export interface OwtLogin {
  readonly token: string;
  readonly version: OwtVersion;
  /** Whether the client gets a reconnection ticket. */
  readonly ticket: boolean;
  /** How long to keep the participant after a break; undefined is the portal's own time, 0 not at all. */
  readonly keepMs: number | undefined;
}

/** SDKs that can come back after a break. */
const reconnectable: readonly string[] = ['JavaScript', 'Objective-C', 'C++', 'Android'];
/** A ticket lives no longer. */
const maxKeepSeconds = 600;

const loginFields = v.object({
  token: v.optional(v.unknown()),
  userAgent: v.optional(v.unknown()),
  protocol: v.optional(v.unknown()),
  reconnection: v.optional(v.unknown()),
});
const keepTimeSchema = v.object({ keepTime: v.pipe(v.number(), v.finite(), v.gtValue(0)) });

/** What a login asks for, or the text it is refused with. */
export function readLogin(data: unknown): OwtLogin | string {
  const login = v.safeParse(loginFields, data);
  if (!login.success) return 'Unknown client protocol';
  const { token, protocol, reconnection } = login.output;
  if (!isOwtVersion(protocol)) return 'Unknown client protocol';
  const userAgent = v.safeParse(userAgentSchema, login.output.userAgent);
  if (!userAgent.success) return 'User agent info is incorrect';
  const { type, version } = userAgent.output.sdk;
  if (version === '3.5') return 'Deprecated client version';
  if (typeof token !== 'string') return 'Invalid token';
  if (!reconnectable.includes(type)) return { token, version: protocol, ticket: false, keepMs: 0 };
  if (reconnection === false) {
    // The JavaScript SDK cannot join without a ticket, even one it will not use.
    return { token, version: protocol, ticket: type === 'JavaScript', keepMs: 0 };
  }
  const keep = v.safeParse(keepTimeSchema, reconnection);
  const keepMs = keep.success ? Math.min(keep.output.keepTime, maxKeepSeconds) * 1000 : undefined;
  return { token, version: protocol, ticket: true, keepMs };
}

/** The acknowledgement of a login. */
export function loginResult(join: JoinResult, { ticket: withTicket, version }: OwtLogin): object {
  const { participant, permission, room, ticket } = join;
  const streams = room.streams.map((stream) => owtStream(stream, version));
  return {
    ...participant,
    permission,
    room: { ...room, streams },
    ...(withTicket ? { reconnectionTicket: ticket } : {}),
  };
}
