// Owns the words for what went wrong, for people. Pure.

export interface Explanation {
  readonly title: string;
  readonly advice: string;
}

/** `message` is the server's or the browser's; what is not known is shown as it came. */
export function explain(message: string): Explanation {
  const known = explanations.find(([pattern]) => pattern.test(message));
  return known?.[1] ?? { title: 'That did not work', advice: message };
}

const explanations: readonly (readonly [RegExp, Explanation])[] = [
  [
    /room is full/i,
    { title: 'This room is full', advice: 'Wait until somebody leaves, or choose another room.' },
  ],
  [
    /expired|invalid token|token signature/i,
    { title: 'The ticket to this room was refused', advice: 'It may have been used already. Try again.' },
  ],
  [
    /invalid role|unauthorized|forbidden|forbiden/i,
    { title: 'Not allowed here', advice: 'Your role in this room does not permit that.' },
  ],
  [
    /room (does not|not) (exist|found)|not found|\b404\b/i,
    { title: 'There is no such room', advice: 'Check the link, or leave the room empty for the common one.' },
  ],
  [
    /cannot be reached|failed to fetch|network|load failed|in time/i,
    { title: 'The server cannot be reached', advice: 'Check your connection and try again.' },
  ],
  [/too many|rate|\b429\b/i, { title: 'Too many tries', advice: 'Wait a moment, then try again.' }],
  [
    /dropped|removed|owner leave/i,
    { title: 'You were taken out of the room', advice: 'Somebody in charge ended your participation.' },
  ],
  [/replaced/i, { title: 'Opened elsewhere', advice: 'This conference goes on in another window.' }],
  [/room destruction|room-closed/i, { title: 'The room was closed', advice: 'Everybody has left it.' }],
];
