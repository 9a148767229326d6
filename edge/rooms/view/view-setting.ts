// Owns finding a view's settings by its label.
import type { RoomDocument, ViewSetting } from '../../../schemas/room.ts';
import type { VideoViewSetting } from './templates.ts';

type Views = Pick<RoomDocument, 'views'> | undefined;

export function viewSetting(document: Views, label: string): ViewSetting | undefined {
  return document?.views.find((view) => view.label === label);
}

/** Undefined also of a view without video. */
export function videoSetting(document: Views, label: string): VideoViewSetting | undefined {
  const video = viewSetting(document, label)?.video;
  return video === false ? undefined : video;
}
