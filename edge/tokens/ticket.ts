// Owns reconnection tickets in the OWT wire form (portal-protocol §9). Whether the participant still exists is the
// portal's business.
import * as v from 'valibot';
import { SluiceError } from '../../schemas/error.ts';
import { protocolVersions } from '../../schemas/request.ts';
import { ticketLifetimeMs } from './key-kind.ts';
import { createServerKeys, type ServerKeysDeps } from './server-keys.ts';
import { sign, verify } from './signature.ts';
import { fromBase64, toBase64, toHex } from './text-codec.ts';

const maxTicketChars = 4096;

export interface TicketClaims {
  readonly participant: string;
  readonly room: string;
  /** For an edge that cannot ask the one that held the client: the OWT protocol it speaks, if that, and its grace. */
  readonly protocol?: (typeof protocolVersions)[number] | undefined;
  readonly keepMs?: number | undefined;
}

export interface Tickets {
  issue(claims: TicketClaims): Promise<string>;
  /**
   * Whose ticket it is. May be opened many times, at any edge. Throws SluiceError `unauthenticated` with `Ticket is
   * expired` (also before its time), `Invalid reconnection ticket signature`, or the JSON parser's text for garbage.
   */
  open(ticket: string): Promise<TicketClaims>;
}

/** What follows `notAfter` is our addition to the OWT form, so that any edge can open it; clients ignore it. */
const payloadSchema = v.object({
  participantId: v.string(),
  ticketId: v.string(),
  notBefore: v.number(),
  notAfter: v.number(),
  room: v.string(),
  protocol: v.optional(v.picklist(protocolVersions)),
  keepMs: v.optional(v.number()),
  /** Id of the key that signed it. */
  key: v.string(),
  signature: v.string(),
});
type Payload = v.InferOutput<typeof payloadSchema>;

export function createTickets(deps: ServerKeysDeps): Tickets {
  const { clock, random } = deps;
  const keys = createServerKeys(deps, 'ticket');

  return {
    async issue({ participant, room, protocol, keepMs }) {
      const key = await keys.signing();
      const notBefore = clock.now();
      const unsigned = {
        participantId: participant,
        ticketId: toHex(random.bytes(8)),
        notBefore,
        notAfter: notBefore + ticketLifetimeMs,
        room,
        protocol,
        keepMs,
        key: key.id,
      };
      const signature = await sign(key.secret, signedText(unsigned));
      return toBase64(JSON.stringify({ ...unsigned, signature }));
    },

    async open(ticket) {
      const invalid = refused('Invalid reconnection ticket signature');
      if (ticket.length > maxTicketChars) throw invalid;
      const payload = v.safeParse(payloadSchema, parsed(ticket));
      if (!payload.success) throw invalid;
      const { participantId, notBefore, notAfter, room, protocol, keepMs, signature } = payload.output;
      const key = await keys.find(payload.output.key);
      if (!(await verify(key?.secret ?? '', signedText(payload.output), signature))) throw invalid;
      const now = clock.now();
      if (now < notBefore || now > notAfter) throw refused('Ticket is expired');
      return { participant: participantId, room, protocol, keepMs };
    },
  };
}

function signedText(ticket: Omit<Payload, 'signature' | 'ticketId' | 'key'>): string {
  const { participantId, notBefore, notAfter, room, protocol = '', keepMs = '' } = ticket;
  return [participantId, notBefore, notAfter, room, protocol, keepMs].join(',');
}

function parsed(ticket: string): unknown {
  try {
    return JSON.parse(fromBase64(ticket));
  } catch (error) {
    throw refused(error instanceof SyntaxError ? error.message : 'Invalid ticket');
  }
}

function refused(message: string): SluiceError {
  return new SluiceError('unauthenticated', message);
}
