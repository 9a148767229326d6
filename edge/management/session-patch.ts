// Owns how the PATCH of a live push, a recording or a call is read: what it changes, by kind (spec rest-api §10, §11).
import type * as v from 'valibot';
import { serverSubscriptionPatchSchema, sipCallPatchSchema } from '../../schemas/server-session.ts';
import type { SessionChanges } from '../rooms/command.ts';
import { validBody } from './valid-body.ts';

type Operation = v.InferOutput<typeof serverSubscriptionPatchSchema>[number];

const what = 'Invalid update';

/** Of operations on the same thing the last one counts. Throws SluiceError `bad-request` with the reason. */
export function readSessionPatch(of: 'subscription' | 'call', body: unknown): SessionChanges {
  const operations =
    of === 'call' ? withoutOutput(body) : validBody(serverSubscriptionPatchSchema, body, what);
  return operations.reduce(changed, {});
}

/** What is changed of a call is what goes out to its peer. */
function withoutOutput(body: unknown): readonly Operation[] {
  const operations = validBody(sipCallPatchSchema, body, what);
  const short = operations.map((each) => ({ ...each, path: each.path.replace('/output', '') }));
  return validBody(serverSubscriptionPatchSchema, short, what);
}

function changed(changes: SessionChanges, { path, value }: Operation): SessionChanges {
  const { audio, video } = changes;
  switch (path) {
    case '/media/audio/status':
      return { ...changes, audio: { ...audio, status: value } };
    case '/media/audio/from':
      return { ...changes, audio: { ...audio, from: value } };
    case '/media/video/status':
      return { ...changes, video: { ...video, status: value } };
    case '/media/video/from':
      return { ...changes, video: { ...video, from: value } };
    case '/media/video/parameters/resolution':
      return { ...changes, video: { ...video, parameters: { ...video?.parameters, resolution: value } } };
    case '/media/video/parameters/framerate':
      return { ...changes, video: { ...video, parameters: { ...video?.parameters, framerate: value } } };
    case '/media/video/parameters/bitrate':
      return { ...changes, video: { ...video, parameters: { ...video?.parameters, bitrate: value } } };
    case '/media/video/parameters/keyFrameInterval':
      return {
        ...changes,
        video: { ...video, parameters: { ...video?.parameters, keyFrameInterval: value } },
      };
  }
}
