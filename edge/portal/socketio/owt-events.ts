// Owns how notices look to OWT clients (portal-protocol §8, §12). Pure.
import type { Notice } from '../../../schemas/notice.ts';
import type { StreamInfo } from '../../../schemas/stream.ts';
import { streamByKind } from '../../rooms/stream-by-kind.ts';
import type { Delivery } from '../delivery.ts';
import type { OwtVersion } from './owt-version.ts';

export interface OwtEvent {
  readonly name: 'participant' | 'stream' | 'progress' | 'session-progress' | 'text';
  readonly data: unknown;
}

type Made = Partial<Record<OwtVersion, readonly OwtEvent[]>>;
const madeEvents = new WeakMap<Delivery, Made>();

/** The events of a delivery, made once for each version whoever gets them. */
export function owtEvents(delivery: Delivery, version: OwtVersion): readonly OwtEvent[] {
  const made = madeEvents.get(delivery) ?? {};
  madeEvents.set(delivery, made);
  return (made[version] ??= delivery.notices.flatMap((notice) => owtEvent(notice, version) ?? []));
}

/** A stream as a version knows it. */
export function owtStream(stream: StreamInfo, version: OwtVersion): object {
  if (version === '1.2') return stream;
  return streamByKind(stream, version === '1.1' ? 'each' : 'first');
}

/** Progress is keyed by transport; the session stands beside it (§8.2). Undefined for `dropped`: its `drop` goes with the end. */
export function owtEvent(notice: Notice, version: OwtVersion): OwtEvent | undefined {
  switch (notice.type) {
    case 'participant-joined':
      return { name: 'participant', data: { action: 'join', data: notice.participant } };
    case 'participant-left':
      return { name: 'participant', data: { action: 'leave', data: notice.participant } };
    case 'stream-added':
      return {
        name: 'stream',
        data: { id: notice.stream.id, status: 'add', data: owtStream(notice.stream, version) },
      };
    case 'stream-updated': {
      const { stream, update } = notice;
      const data = update.field === '.' ? { field: '.', value: owtStream(update.value, version) } : update;
      return { name: 'stream', data: { id: stream, status: 'update', data } };
    }
    case 'stream-removed':
      return { name: 'stream', data: { id: notice.stream, status: 'remove' } };
    case 'transport-ready':
      return { name: 'progress', data: { id: notice.transport, status: 'ready' } };
    case 'transport-failed':
      // Before 1.2 a transport is its one session, and that has ended by its own word or was told of already.
      if (version !== '1.2') return undefined;
      return { name: 'progress', data: { id: notice.transport, status: 'error', data: notice.reason } };
    case 'session-ready':
      return {
        name: version === '1.2' ? 'progress' : 'session-progress',
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
