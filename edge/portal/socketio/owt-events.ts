// Owns how notices look to OWT clients of protocol 1.2 (portal-protocol §8). Pure.
import type { Notice } from '../../../schemas/notice.ts';
import type { Delivery } from '../delivery.ts';

export interface OwtEvent {
  readonly name: 'participant' | 'stream' | 'progress' | 'text';
  readonly data: unknown;
}

const madeEvents = new WeakMap<Delivery, readonly OwtEvent[]>();

/** The events of a delivery, made once whoever gets them. */
export function owtEvents(delivery: Delivery): readonly OwtEvent[] {
  const present = madeEvents.get(delivery);
  if (present !== undefined) return present;
  const events = delivery.notices.flatMap((notice) => owtEvent(notice) ?? []);
  madeEvents.set(delivery, events);
  return events;
}

/** Progress is keyed by transport; the session stands beside it (§8.2). Undefined for `dropped`: its `drop` goes with the end. */
export function owtEvent(notice: Notice): OwtEvent | undefined {
  switch (notice.type) {
    case 'participant-joined':
      return { name: 'participant', data: { action: 'join', data: notice.participant } };
    case 'participant-left':
      return { name: 'participant', data: { action: 'leave', data: notice.participant } };
    case 'stream-added':
      return { name: 'stream', data: { id: notice.stream.id, status: 'add', data: notice.stream } };
    case 'stream-updated':
      return { name: 'stream', data: { id: notice.stream, status: 'update', data: notice.update } };
    case 'stream-removed':
      return { name: 'stream', data: { id: notice.stream, status: 'remove' } };
    case 'transport-ready':
      return { name: 'progress', data: { id: notice.transport, status: 'ready' } };
    case 'transport-failed':
      return { name: 'progress', data: { id: notice.transport, status: 'error', data: notice.reason } };
    case 'session-ready':
      return {
        name: 'progress',
        data: { id: notice.transport, sessionId: notice.session, status: 'ready' },
      };
    case 'session-ended':
      return {
        name: 'progress',
        data: {
          id: notice.transport,
          sessionId: notice.session,
          status: 'error',
          data: notice.reason,
        },
      };
    case 'text':
      return { name: 'text', data: { from: notice.from, to: notice.to, message: notice.message } };
    case 'dropped':
      return undefined;
  }
}

/** The answer to an offer on a transport. */
export function answerEvent(transport: string, sdp: string): OwtEvent {
  return { name: 'progress', data: { id: transport, status: 'soac', data: { type: 'answer', sdp } } };
}
