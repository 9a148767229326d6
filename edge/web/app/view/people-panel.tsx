// Owns the list of who is in the room.
import { useChanges } from '../model/change.ts';
import type { Meeting } from '../model/meeting.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icons.tsx';
import { Panel } from './panel.tsx';
import { Bars } from './tile.tsx';

export function PeoplePanel({
  meeting,
  onClose,
}: {
  readonly meeting: Meeting;
  readonly onClose: () => void;
}) {
  const { local, meters, mixing, tiles } = meeting;
  const speaker = mixing?.places.find(({ figure }) => figure?.speaks === true)?.figure?.participant;
  useChanges(local.changes, meters.speaking);
  const me = meeting.conference?.me?.id;
  return (
    <Panel title={`People (${meeting.people.length})`} onClose={onClose}>
      <ul class="people">
        {meeting.people.map(({ id, user, role }) => {
          const mine = id === me;
          const own = tiles.filter(({ participant }) => participant === id);
          const camera = own.find(({ purpose }) => purpose === 'camera');
          const audio = mine ? local.isOn('audio') : camera?.audio === 'on';
          const video = mine ? local.isOn('video') : camera?.video === 'on';
          const shares = mine
            ? meeting.sharing !== undefined
            : own.some(({ purpose }) => purpose === 'screen');
          return (
            <li key={id} class={`person ${id === speaker ? 'speaks' : ''}`}>
              <Avatar name={user} small />
              <span class="person-name">
                {user}
                {mine && <small> you</small>}
                <small class="person-role">{role}</small>
              </span>
              {(id === speaker || meeting.speaks(id)) && (
                <span class="mark accent" title="Speaking">
                  <Bars still={!meeting.speaks(id)} />
                </span>
              )}
              {shares && (
                <span class="mark accent" title="Shares a screen">
                  <Icon name="screen" />
                </span>
              )}
              <span class={`mark ${audio ? '' : 'off'}`} title={audio ? 'Microphone on' : 'Microphone off'}>
                <Icon name={audio ? 'mic' : 'mic-off'} />
              </span>
              <span class={`mark ${video ? '' : 'off'}`} title={video ? 'Camera on' : 'Camera off'}>
                <Icon name={video ? 'camera' : 'camera-off'} />
              </span>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}
