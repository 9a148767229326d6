// Owns how the PATCH of a stream is read: which operations it holds and in which order they take effect (spec rest-api
// §8.2). Pure; what each of them means for the room is in streams.ts.
import * as v from 'valibot';
import { SluiceError } from '../../schemas/error.ts';
import { layoutIndexPath, streamPatchSchema, type StreamPatch } from '../../schemas/management.ts';
import type { Kind, TrackStatus } from '../../schemas/media.ts';
import { layoutRequestSchema } from '../rooms/view/layout-request.ts';

export type StreamOperation =
  | { readonly type: 'mix' | 'unmix'; readonly view: string }
  /** `layout` as it was sent; well-formed. */
  | { readonly type: 'set-layout'; readonly layout: unknown }
  /** Puts a stream into the region at `index` of the layout as it is by then. */
  | { readonly type: 'set-region'; readonly index: number; readonly stream: string }
  | { readonly type: 'set-status'; readonly media: Kind; readonly status: TrackStatus };

const maxReasonChars = 300;

/** The operations as they are to be done, mutes behind all others. Throws SluiceError `bad-request` with the reason. */
export function readStreamPatch(body: unknown): readonly StreamOperation[] {
  const patch = v.safeParse(streamPatchSchema, body);
  if (!patch.success) throw invalid(reasonOf(patch.issues[0]));
  const operations = patch.output.map(operationOf);
  const isMute = ({ type }: StreamOperation): boolean => type === 'set-status';
  return [...operations.filter((each) => !isMute(each)), ...operations.filter(isMute)];
}

function operationOf(element: StreamPatch[number]): StreamOperation {
  switch (element.path) {
    case '/media/audio/status':
    case '/media/video/status': {
      const media = element.path === '/media/audio/status' ? 'audio' : 'video';
      return { type: 'set-status', media, status: element.value };
    }
    case '/info/inViews':
      return { type: element.op === 'add' ? 'mix' : 'unmix', view: element.value };
    case '/info/layout': {
      const layout = v.safeParse(layoutRequestSchema, element.value, { abortPipeEarly: true });
      if (!layout.success) throw invalid(layout.issues[0].message);
      return { type: 'set-layout', layout: element.value };
    }
    default:
      return { type: 'set-region', index: indexOf(element.path), stream: element.value };
  }
}

function indexOf(path: string): number {
  return Number(layoutIndexPath.exec(path)?.[1]);
}

function reasonOf(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  return path === null ? issue.message : `${path}: ${issue.message}`;
}

function invalid(reason: string): SluiceError {
  return new SluiceError('bad-request', `Invalid update: ${reason}`.slice(0, maxReasonChars));
}
