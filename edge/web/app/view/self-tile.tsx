// Owns the tile of ourselves: our own picture as it leaves this page.
import { useChanges } from '../model/change.ts';
import type { Meeting } from '../model/meeting.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icons.tsx';
import { Bars } from './tile.tsx';
import { Video } from './video.tsx';

export function SelfTile({ meeting, floating }: { readonly meeting: Meeting; readonly floating: boolean }) {
  const { local } = meeting;
  useChanges(local.changes, meeting.meters.speaking);
  const speaking = local.isOn('audio') && meeting.meters.speaks('me');
  return (
    <figure
      class={`tile self ${floating ? 'floating' : ''} ${speaking ? 'speaking' : ''}`}
      aria-label={`You, ${meeting.name}${local.isOn('audio') ? '' : ', microphone off'}`}
    >
      <Video media={local.media} muted mirrored={local.mirrored} label="Your own picture" />
      {!local.isOn('video') && (
        <div class="cover">
          <Avatar name={meeting.name} />
        </div>
      )}
      <figcaption class="plate">
        {!local.isOn('audio') && <Icon name="mic-off" />}
        <span class="plate-name">You</span>
        {speaking && <Bars />}
      </figcaption>
    </figure>
  );
}
