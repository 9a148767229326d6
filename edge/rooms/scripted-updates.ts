// Owns notices as short texts, for tests about mixed views.
import type { AddressedNotice, Notice } from '../../schemas/notice.ts';
import { roomId } from './scripted-room.ts';
import { layoutText } from './view/scripted-view.ts';

/** Such as `common.layout 1:a 2:`, `common.activeInput a`, `s.inViews common` or `removed s`; others by their type. */
export function updates(notices: readonly AddressedNotice[]): readonly string[] {
  return notices.map(({ notice }) => noticeText(notice));
}

function noticeText(notice: Notice): string {
  if (notice.type === 'stream-removed') return `removed ${notice.stream}`;
  if (notice.type === 'session-ended') return `ended ${notice.session}`;
  if (notice.type !== 'stream-updated') return notice.type;
  const { stream, update } = notice;
  const name = stream.replace(`${roomId}-`, '');
  switch (update.field) {
    case 'video.layout':
      return `${name}.layout ${layoutText(update.value)}`.trim();
    case 'activeInput': {
      const { value } = update;
      return `${name}.activeInput ${typeof value === 'string' ? value : `${value.id} ${value.volume}`}`;
    }
    case '.': {
      const { info } = update.value;
      return 'inViews' in info ? `${name}.inViews ${info.inViews.join(' ')}`.trim() : `${name}.`;
    }
    default:
      return `${name}.${update.field} ${update.value}`;
  }
}
