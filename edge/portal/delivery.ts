// Owns who gets what of a batch of notices. Most batches are the same for everybody, so the common share is made once
// and gateways encode it once.
import type { AddressedNotice, Audience, Notice } from '../../schemas/notice.ts';

/** Notices in order and the room's seq after them. */
export interface Delivery {
  /** Another epoch than before, in which the same history goes on after `seq`. */
  readonly epoch?: string;
  readonly seq: number;
  readonly notices: readonly Notice[];
}

/** `own` holds the participants named by some audience; everybody else gets `common`. Undefined is nothing at all. */
export interface Shares {
  readonly common: Delivery | undefined;
  readonly own: ReadonlyMap<string, Delivery | undefined>;
}

/** Divides the notices of one tick. */
export function divide(notices: readonly AddressedNotice[], seq: number): Shares {
  const named = new Set<string>();
  for (const { audience } of notices) if (audience.to !== 'all') named.add(audience.participant);
  const common = notices.filter(({ audience }) => audience.to !== 'one');
  const own = new Map<string, Delivery | undefined>();
  for (const participant of named) own.set(participant, share(notices, seq, participant));
  return { common: delivery(common, seq), own };
}

/** One participant's share; undefined when there is nothing for it. */
export function share(
  notices: readonly AddressedNotice[],
  seq: number,
  participant: string,
): Delivery | undefined {
  return delivery(
    notices.filter(({ audience }) => includes(audience, participant)),
    seq,
  );
}

function delivery(addressed: readonly AddressedNotice[], seq: number): Delivery | undefined {
  return addressed.length === 0 ? undefined : { seq, notices: addressed.map(({ notice }) => notice) };
}

function includes(audience: Audience, participant: string): boolean {
  switch (audience.to) {
    case 'all':
      return true;
    case 'except':
      return audience.participant !== participant;
    case 'one':
      return audience.participant === participant;
  }
}
