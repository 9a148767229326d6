// Owns the page before joining: who you are, which room, how you look and sound.
import { useEffect } from 'preact/hooks';
import { useChanges } from '../model/change.ts';
import type { Device } from '../model/local-media.ts';
import type { Meeting } from '../model/meeting.ts';
import { Avatar } from './avatar.tsx';
import { Control } from './controls.tsx';
import { Icon, Logo } from './icons.tsx';
import { Video } from './video.tsx';

export function Lobby({ meeting }: { readonly meeting: Meeting }) {
  const { local, phase } = meeting;
  useChanges(local.changes);
  useEffect(() => {
    if (local.media.getTracks().length === 0) void local.choose({});
  }, []);
  const joining = phase.name === 'joining';
  const error = phase.name === 'lobby' ? phase.error : undefined;
  return (
    <main class="lobby">
      <header class="lobby-head">
        <Logo />
      </header>
      <Preview meeting={meeting} />
      <form
        class="card"
        onSubmit={(event) => {
          event.preventDefault();
          void meeting.join();
        }}
      >
        <h1>Ready to join?</h1>
        {error !== undefined && (
          <div class="notice problem" role="alert">
            <Icon name="warning" />
            <p>
              <b>{error.title}</b>
              <br />
              {error.advice}
            </p>
          </div>
        )}
        <label class="field">
          <span>Your name</span>
          <input
            name="name"
            value={meeting.name}
            required
            maxLength={60}
            autocomplete="name"
            placeholder="How others see you"
            onInput={(event) => meeting.rename(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          <span>Room</span>
          <input
            name="room"
            value={meeting.room}
            maxLength={128}
            autocomplete="off"
            spellcheck={false}
            placeholder="The common room"
            onInput={(event) => meeting.chooseRoom(event.currentTarget.value.trim())}
          />
        </label>
        <div class="fields">
          <Devices
            label="Camera"
            value={local.choice.video}
            devices={local.cameras}
            made="Drawn picture"
            onChoose={(video) => void meeting.choose({ video })}
          />
          <Devices
            label="Microphone"
            value={local.choice.audio}
            devices={local.microphones}
            made="Soft tone"
            onChoose={(audio) => void meeting.choose({ audio })}
          />
        </div>
        <button type="submit" class="button primary" disabled={joining || meeting.name.trim() === ''}>
          {joining ? (
            <>
              <span class="spinner" aria-hidden="true" /> Joining…
            </>
          ) : (
            'Join the room'
          )}
        </button>
      </form>
    </main>
  );
}

function Preview({ meeting }: { readonly meeting: Meeting }) {
  const { local } = meeting;
  const mic = local.isOn('audio');
  const camera = local.isOn('video');
  return (
    <section class="preview" aria-label="Preview of your picture">
      <div class="tile">
        <Video media={local.media} muted mirrored={local.mirrored} label="Your own picture" />
        {!camera && (
          <div class="cover">
            {local.opening ? <span class="spinner" aria-label="Opening" /> : <Avatar name={meeting.name} />}
          </div>
        )}
        <div class="preview-controls">
          <Control
            icon={mic ? 'mic' : 'mic-off'}
            label={mic ? 'Microphone off' : 'Microphone on'}
            off={!mic}
            pressed={!mic}
            disabled={local.track('audio') === undefined}
            onClick={() => local.setOn('audio', !mic)}
          />
          <Control
            icon={camera ? 'camera' : 'camera-off'}
            label={camera ? 'Camera off' : 'Camera on'}
            off={!camera}
            pressed={!camera}
            disabled={local.track('video') === undefined}
            onClick={() => local.setOn('video', !camera)}
          />
        </div>
        <p class="plate">
          <span class="plate-name">{meeting.name.trim() === '' ? 'You' : meeting.name}</span>
        </p>
      </div>
      {local.trouble !== undefined && (
        <div class="notice" role="alert">
          <Icon name="warning" />
          <p>{local.trouble.text}</p>
          <button
            type="button"
            class="button"
            onClick={() =>
              void meeting.choose({
                ...(local.track('video') === undefined ? { video: 'synthetic' } : {}),
                ...(local.track('audio') === undefined ? { audio: 'synthetic' } : {}),
              })
            }
          >
            Use a drawn picture instead
          </button>
        </div>
      )}
    </section>
  );
}

interface DevicesProps {
  readonly label: string;
  readonly value: string;
  readonly devices: readonly Device[];
  readonly made: string;
  readonly onChoose: (id: string) => void;
}

function Devices({ label, value, devices, made, onChoose }: DevicesProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
        <option value="default">Default</option>
        {devices
          .filter(({ id }) => id !== 'default')
          .map(({ id, label: name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        <option value="synthetic">{made}</option>
        <option value="none">None</option>
      </select>
    </label>
  );
}
