// Owns reconnection tickets in the OWT wire form (portal-protocol §9). Whether the participant still exists is the
// portal's business.
import * as v from 'valibot';
import { SluiceError } from '../../schemas/error.ts';
import { ticketLifetimeMs } from './key-kind.ts';
import { createServerKeys, type ServerKeysDeps } from './server-keys.ts';
import { sign, verify } from './signature.ts';
import { fromBase64, toBase64, toHex } from './text-codec.ts';

const maxTicketChars = 4096;

export interface TicketClaims {
  readonly participant: string;
  readonly room: string;
}

export interface Tickets {
  issue(claims: TicketClaims): Promise<string>;
  /**
   * Whose ticket it is. May be opened many times, at any edge. Throws SluiceError `unauthenticated` with `Ticket is
   * expired` (also before its time), `Invalid reconnection ticket signature`, or the JSON parser's text for garbage.
   */
  open(ticket: string): Promise<TicketClaims>;
}

/** `room` and `key` are our additions to the OWT form, so that any edge can open it; clients ignore them. */
const payloadSchema = v.object({
  participantId: v.string(),
  ticketId: v.string(),
  notBefore: v.number(),
  notAfter: v.number(),
  room: v.string(),
  /** Id of the key that signed it. */
  key: v.string(),
  signature: v.string(),
});
type Payload = v.InferOutput<typeof payloadSchema>;

export function createTickets(deps: ServerKeysDeps): Tickets {
  const { clock, random } = deps;
  const keys = createServerKeys(deps, 'ticket');

  return {
    async issue({ participant, room }) {
      const key = await keys.signing();
      const notBefore = clock.now();
      const unsigned = {
        participantId: participant,
        ticketId: toHex(random.bytes(8)),
        notBefore,
        notAfter: notBefore + ticketLifetimeMs,
        room,
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
      const { participantId, notBefore, notAfter, room, signature } = payload.output;
      const key = await keys.find(payload.output.key);
      if (!(await verify(key?.secret ?? '', signedText(payload.output), signature))) throw invalid;
      const now = clock.now();
      if (now < notBefore || now > notAfter) throw refused('Ticket is expired');
      return { participant: participantId, room };
    },
  };
}

function signedText(ticket: Omit<Payload, 'signature' | 'ticketId' | 'key'>): string {
  return [ticket.participantId, ticket.notBefore, ticket.notAfter, ticket.room].join(',');
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
