// Owns the start of the page: reads the address, makes the meeting, draws it, and leaves when the page goes away.
import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './style/theme.css';
import './style/base.css';
import './style/lobby.css';
import './style/room.css';
import './style/tile.css';
import './style/panel.css';
import './style/mixed.css';
import { Meeting } from './model/meeting.ts';
import { readParameters } from './model/parameters.ts';
import type { Conference } from '../../client/index.ts';
import { App } from './view/app.tsx';

/** For the console of the browser, and for tests. */
interface Handle {
  readonly meeting: Meeting;
  readonly conference: Conference | undefined;
}
declare global {
  interface Window {
    sluice?: Handle;
  }
}

const nameKey = 'sluice.name';

function begin(root: HTMLElement): void {
  const parameters = readParameters(location.search);
  const meeting = new Meeting(parameters, parameters.name ?? localStorage.getItem(nameKey) ?? guestName());
  window.sluice = {
    meeting,
    get conference() {
      return meeting.conference;
    },
  };
  meeting.changes.listen(() => {
    if (meeting.phase.name === 'inside' && parameters.name === undefined)
      localStorage.setItem(nameKey, meeting.name);
  });
  render(<App meeting={meeting} />, root);
  window.addEventListener('pagehide', () => meeting.leave());
  window.addEventListener('online', () => meeting.conference?.hurry());
  // After the load event, which a picture that does not arrive would hold up.
  if (parameters.autojoin)
    window.addEventListener('load', () => void meeting.local.choose({}).then(() => meeting.join()));
}

function guestName(): string {
  const rivers = ['Elbe', 'Loire', 'Tagus', 'Tweed', 'Vistula', 'Adige', 'Drava', 'Minho', 'Neva', 'Sava'];
  return rivers[Math.floor(Math.random() * rivers.length)] ?? 'Guest';
}

const root = document.getElementById('app');
if (root !== null) begin(root);
