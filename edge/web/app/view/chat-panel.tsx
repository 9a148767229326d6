// Owns the text conversation.
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { useChanges } from '../model/change.ts';
import type { Meeting } from '../model/meeting.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icons.tsx';
import { Panel } from './panel.tsx';

const maxChars = 2048;

export function ChatPanel({ meeting, onClose }: { readonly meeting: Meeting; readonly onClose: () => void }) {
  const { chat } = meeting;
  useChanges(chat.changes);
  const [draft, setDraft] = useState('');
  const list = useRef<HTMLOListElement>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  // At once, so that the next key goes where it belongs.
  useLayoutEffect(() => {
    chat.watch(true);
    field.current?.focus({ preventScroll: true });
    return () => chat.watch(false);
  }, []);
  const { entries } = chat;
  useEffect(() => list.current?.scrollTo({ top: list.current.scrollHeight }), [entries]);
  const send = (): void => {
    const message = draft.trim();
    if (message === '') return;
    setDraft('');
    void meeting.say(message);
  };
  return (
    <Panel title="Chat" focused onClose={onClose}>
      <ol class="messages" ref={list} aria-live="polite" aria-label="Messages">
        {entries.length === 0 && (
          <li class="empty">What is written here goes to everybody in the room, and is not kept.</li>
        )}
        {entries.map((entry, index) => {
          const follows = entries[index - 1]?.from === entry.from;
          return (
            <li key={entry.key} class={`message ${entry.mine ? 'mine' : ''} ${follows ? 'follows' : ''}`}>
              {!entry.mine && !follows && <Avatar name={entry.name} small />}
              <div>
                {!follows && (
                  <p class="message-head">
                    {!entry.mine && <b>{entry.name}</b>}
                    <time>{entry.at.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' })}</time>
                  </p>
                )}
                <p class="bubble">{entry.message}</p>
              </div>
            </li>
          );
        })}
      </ol>
      <form
        class="compose"
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <textarea
          ref={field}
          rows={1}
          value={draft}
          maxLength={maxChars}
          placeholder="Write to everybody"
          aria-label="Your message"
          onInput={(event) => setDraft(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            send();
          }}
        />
        <button type="submit" class="tool accent" aria-label="Send" disabled={draft.trim() === ''}>
          <Icon name="send" />
        </button>
      </form>
    </Panel>
  );
}
