// Owns the table of what clients are refused (portal-protocol §3, §5, §6, §9, §10): the text, the request, and when. Each
// row is played by `refusals.test.ts` over real sockets, in the OWT protocol and in `sluice.1`.
import { controlRefusals } from './scripted-controls.ts';
import { loginRefusals, reloginRefusals } from './scripted-logins.ts';
import { requestRefusals, signalingRefusals } from './scripted-requests.ts';
import type { RefusalRow } from './scripted-row.ts';
import { sessionRefusals } from './scripted-sessions.ts';

/** Texts of the original server that nothing here can lead to, with the reason. */
export const unreachable: Readonly<Record<string, string>> = {
  'Stream exists': 'session ids are made by the server, a new one for each command',
  'Subscription exists': 'session ids are made by the server, a new one for each command',
  'Target audio/video stream early released': 'a subscription is decided whole: a source that goes ends it',
  'Cannot mute casccaded stream': 'streams are not cascaded between clusters',
  'Invalid stream': 'a stream that does not exist is refused as such before any view is asked',
  'Update subscription failed': 'an update is decided whole; what cannot be had is refused with the reason',
  'Participant ID is not matched': 'the participant of a ticket is under its signature',
};

export const refusals: readonly RefusalRow[] = [
  ...loginRefusals,
  ...reloginRefusals,
  ...requestRefusals,
  ...sessionRefusals,
  ...controlRefusals,
  ...signalingRefusals,
];
