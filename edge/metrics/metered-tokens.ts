// Owns counting join tokens and reconnection tickets. What makes one good is edge/tokens'.
import { refusalOf } from '../../schemas/error.ts';
import type { Tickets } from '../tokens/ticket.ts';
import type { Tokens } from '../tokens/tokens.ts';
import { edgeFamilies } from './edge-families.ts';
import type { Metrics } from './metrics.ts';

export function meteredTokens(tokens: Tokens, metrics: Metrics): Tokens {
  return {
    async issue(request) {
      const token = await tokens.issue(request);
      metrics.add(edgeFamilies.tokensIssued, {});
      return token;
    },
    verify: (token) => tokens.verify(token),
    redeem: (token) =>
      outcome(tokens.redeem(token), (code) => metrics.add(edgeFamilies.tokensRedeemed, { outcome: code })),
  };
}

export function meteredTickets(tickets: Tickets, metrics: Metrics): Tickets {
  return {
    issue: (claims) => tickets.issue(claims),
    open: (ticket) =>
      outcome(tickets.open(ticket), (code) => metrics.add(edgeFamilies.ticketsOpened, { outcome: code })),
  };
}

async function outcome<T>(work: Promise<T>, count: (code: string) => void): Promise<T> {
  try {
    const result = await work;
    count('ok');
    return result;
  } catch (error) {
    count(refusalOf(error).code);
    throw error;
  }
}
