// Owns the rule of ownership: a room has one acting owner. Fencing tokens only grow, each belongs to one edge, and no worker
// takes a document of an owner after one of a later owner.
import type { History, SentDocument, Violation } from './history.ts';

/** Judges one room's part of a history. */
export function checkOwners(room: string, { documents, leases }: History): Violation[] {
  const sent = documents.filter((each) => each.room === room);
  const held = leases.filter((each) => each.room === room);
  const violations: Violation[] = [];
  // A lease names an edge, a document the bus of one: two names of the same.
  const holders = new Map<number, string>();
  const senders = new Map<number, string>();
  const note = (what: string, piece: readonly string[]): void => {
    violations.push({ rule: 'two owners', room, what, piece });
  };
  let last = 0;
  for (const { holder, token } of held) {
    if (token < last) note(`${holder} got token ${token} after token ${last}`, held.map(shownLease));
    last = Math.max(last, token);
    claim(holders, token, holder);
  }
  const taken = new Map<string, SentDocument[]>();
  for (const document of sent) {
    claim(senders, document.fence, document.sender);
    if (document.outcome !== 'taken') continue;
    const { worker, fence, sender, askedAt } = document;
    const before = taken.get(worker) ?? [];
    taken.set(worker, before);
    // Sent before the other was answered, it may have been taken before that, too: answers are late when Redis was away.
    const later = before.find((each) => each.fence > fence && each.answeredAt <= askedAt);
    if (later !== undefined)
      note(
        `${worker} took a document of ${sender} after one of ${later.sender}`,
        [later, document].map(shown),
      );
    before.push(document);
  }
  return violations;

  function claim(owners: Map<number, string>, token: number, holder: string): void {
    const owner = owners.get(token);
    if (owner !== undefined && owner !== holder)
      note(
        `${owner} and ${holder} act with token ${token}`,
        [...held.map(shownLease), ...sent.map(shown)].slice(-20),
      );
    owners.set(token, holder);
  }
}

function shown({ sender, worker, fence, version, outcome }: SentDocument): string {
  return `${sender} to ${worker}: fence ${fence}, version ${version}, ${outcome}`;
}

function shownLease({ holder, token }: { readonly holder: string; readonly token: number }): string {
  return `lease: ${holder} with token ${token}`;
}
