// Owns how an OWT request becomes a request of the session core, and the texts for those that are malformed
// (portal-protocol §6). What versions 1.0 and 1.1 have of their own is in older-requests.ts. Pure.
import * as v from 'valibot';
import {
  clientSignalingSchema,
  endSessionSchema,
  idSchema,
  publishSchema,
  streamControlSchema,
  subscribeSchema,
  subscriptionControlSchema,
  textSchema,
} from '../../../schemas/request.ts';
import { describeIssues } from '../describe-issues.ts';
import type { RoomRequest } from '../requests.ts';
import {
  olderPublishSchema,
  olderSubscribeSchema,
  publishOfOlder,
  subscribeOfOlder,
  type LayerOf,
} from './older-requests.ts';
import type { OwtVersion } from './owt-version.ts';

/** What a request is read with: the client's version, and what it may name by other means than ids. */
export interface Reading {
  readonly version: OwtVersion;
  readonly layerOf: LayerOf;
}

/** The request behind an event, the text it is refused with, or undefined for an event that is no request. */
export function readRequest(
  event: string,
  data: unknown,
  { version, layerOf }: Reading,
): RoomRequest | string | undefined {
  const older = version !== '1.2';
  switch (event) {
    case 'publish':
      return older
        ? checked(olderPublishSchema, data, (request) => readPublish(publishOfOlder(request)))
        : readPublish(data);
    case 'unpublish':
      return checked(endSessionSchema, data, (request) => ({ do: 'unpublish', request }));
    case 'subscribe':
      return older
        ? checked(olderSubscribeSchema, data, (request) => readSubscribe(subscribeOfOlder(request, layerOf)))
        : readSubscribe(data);
    case 'unsubscribe':
      return checked(endSessionSchema, data, (request) => ({ do: 'unsubscribe', request }));
    case 'stream-control':
      return checked(streamControlSchema, data, (request) => ({ do: 'stream-control', request }));
    case 'subscription-control':
      return checked(subscriptionControlSchema, data, (request) => ({ do: 'subscription-control', request }));
    case 'text':
      return readText(data);
    case 'soac':
      return readSoac(data);
    default:
      return undefined;
  }
}

function readPublish(data: unknown): RoomRequest | string {
  return checked(publishSchema, data, (request) => ({ do: 'publish', request }));
}

function readSubscribe(data: unknown): RoomRequest | string {
  return checked(subscribeSchema, data, (request) => ({ do: 'subscribe', request }));
}

function checked<S extends v.GenericSchema>(
  schema: S,
  data: unknown,
  make: (request: v.InferOutput<S>) => RoomRequest | string,
): RoomRequest | string {
  const result = v.safeParse(schema, data);
  return result.success ? make(result.output) : describeIssues(result.issues);
}

function readText(data: unknown): RoomRequest | string {
  const to = field(data, 'to');
  if (typeof to !== 'string' || to === '') return 'Invalid receiver';
  return checked(textSchema, data, (request) => ({ do: 'text', request }));
}

const signalingTypes = ['offer', 'answer', 'candidate', 'removed-candidates'];

function readSoac(data: unknown): RoomRequest | string {
  const id = field(data, 'id');
  if (typeof id !== 'string') return 'Invalid soac id';
  const signaling = field(data, 'signaling');
  if (typeof signaling !== 'object' || signaling === null) return 'Invalid signaling object';
  const type = field(signaling, 'type');
  if (typeof type !== 'string' || !signalingTypes.includes(type)) return 'Invalid signaling type';
  if (!v.safeParse(idSchema, id).success) return `Transport ${id.slice(0, 64)} does NOT exist`;
  return checked(clientSignalingSchema, signaling, (checkedSignaling) => ({
    do: 'signal',
    transport: id,
    signaling: checkedSignaling,
  }));
}

function field(data: unknown, name: string): unknown {
  if (typeof data !== 'object' || data === null) return undefined;
  return Object.entries(data).find(([key]) => key === name)?.[1];
}
