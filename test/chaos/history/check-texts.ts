// Owns the rule of what is said: what was acknowledged stands in the log once, in the order in which it was asked, and is
// heard by everybody in the room once, in the order of the log.
import type { Heard, History, Life, Logged, SaidText, Violation } from './history.ts';

const around = 4;

interface LoggedText {
  readonly at: number;
  readonly seq: number;
  readonly message: string;
  readonly from: string;
}

/** Judges one room's part of a history. */
export function checkTexts(room: string, { said, lives, logged }: History): Violation[] {
  const asked = said.filter((each) => each.room === room);
  const entries = logged.filter((each) => each.room === room);
  const texts = entries.flatMap(({ seq, event }, at): LoggedText[] =>
    event.type === 'text' ? [{ at, seq, message: event.message, from: event.from }] : [],
  );
  return [
    ...inLog(room, asked, texts),
    ...inOrderAsked(room, asked, texts),
    ...lives
      .filter((life) => life.room === room)
      .flatMap((life) => heardBy(life, asked, texts, presence(life, entries))),
  ];
}

function inLog(room: string, asked: readonly SaidText[], texts: readonly LoggedText[]): Violation[] {
  const counts = new Map<string, number>();
  for (const { message } of texts) counts.set(message, (counts.get(message) ?? 0) + 1);
  return asked.flatMap(({ message, outcome }): Violation[] => {
    const count = counts.get(message) ?? 0;
    const piece = texts.filter((text) => text.message === message).map(shown);
    if (count > 1)
      return [{ rule: 'doubled', room, what: `"${message}" is in the log ${count} times`, piece }];
    if (outcome === 'acknowledged' && count === 0)
      return [{ rule: 'lost', room, what: `"${message}" was acknowledged and is not in the log`, piece }];
    if (outcome === 'refused' && count > 0)
      return [{ rule: 'doubled', room, what: `"${message}" was refused and is in the log`, piece }];
    return [];
  });
}

/** Of one participant's texts those acknowledged stand in the log as it asked them. */
function inOrderAsked(room: string, asked: readonly SaidText[], texts: readonly LoggedText[]): Violation[] {
  const order = new Map(texts.map(({ message }, at) => [message, at]));
  const last = new Map<string, { readonly message: string; readonly at: number }>();
  const violations: Violation[] = [];
  for (const { participant, message, outcome } of asked) {
    const at = order.get(message);
    if (at === undefined || outcome !== 'acknowledged') continue;
    const before = last.get(participant);
    if (before !== undefined && before.at > at) {
      const what = `"${message}" was asked after "${before.message}" and is before it in the log`;
      violations.push({ rule: 'reordered', room, what, piece: texts.slice(at, before.at + 1).map(shown) });
    }
    last.set(participant, { message, at });
  }
  return violations;
}

/** Where in the log it came and went; from the beginning and to the end where the log does not say. */
function presence({ participant }: Life, entries: readonly Logged[]): { from: number; to: number } {
  const of = (type: 'joined' | 'left') =>
    entries.findIndex(({ event }) => event.type === type && event.participant === participant);
  const [joined, left] = [of('joined'), of('left')];
  return { from: joined, to: left < 0 ? entries.length : left };
}

function heardBy(
  life: Life,
  asked: readonly SaidText[],
  texts: readonly LoggedText[],
  { from, to }: { readonly from: number; readonly to: number },
): Violation[] {
  const { room, participant, heard } = life;
  const violations: Violation[] = [];
  const note = (rule: Violation['rule'], what: string, at: number): void => {
    violations.push({ rule, room, what: `${participant} ${what}`, piece: heardAround(heard, at) });
  };
  const place = new Map(texts.map(({ message }, at) => [message, at]));
  const had = new Set<string>();
  const onThisConnection = new Set<string>();
  let last = -1;
  for (const [index, each] of heard.entries()) {
    if ('broke' in each) {
      onThisConnection.clear();
      continue;
    }
    if ('anew' in each) {
      note('told anew', 'was told the whole room instead of what it missed', index);
      continue;
    }
    const at = place.get(each.text);
    if (onThisConnection.has(each.text)) note('doubled', `heard "${each.text}" twice`, index);
    onThisConnection.add(each.text);
    if (had.has(each.text)) continue;
    had.add(each.text);
    if (at === undefined) note('lost', `heard "${each.text}", which is not in the log`, index);
    else if (at < last) note('reordered', `heard "${each.text}" after what follows it in the log`, index);
    else last = at;
  }
  const askedAt = new Map(asked.map(({ message, askedAt: time }) => [message, time]));
  const until = life.complete ? texts.length : Math.max(0, last);
  for (const text of texts.slice(0, until)) {
    const due = text.at > from && text.at < to && (askedAt.get(text.message) ?? 0) > life.joinedAt;
    if (due && !had.has(text.message))
      note('lost', `did not hear "${text.message}" (log entry ${text.seq})`, heard.length);
  }
  return violations;
}

function heardAround(heard: readonly Heard[], at: number): string[] {
  return heard.slice(Math.max(0, at - around), at + around).map((each) => {
    if ('text' in each) return `heard ${each.text}`;
    return 'anew' in each ? 'told anew' : 'the connection broke';
  });
}

function shown({ seq, message, from }: LoggedText): string {
  return `log ${seq}: ${from} says ${message}`;
}
