// Owns what a test can see and do inside a page of the sample app, through the handle that the page offers everybody
// (`window.sluice`). It is put into the page before anything else runs.
import type { Conference, Meter, Owner, Publication } from '../../../edge/client/index.ts';
import type { Meeting } from '../../../edge/web/app/model/meeting.ts';
import type { Tile } from '../../../edge/web/app/model/tiles.ts';
import type { ProbeCalls, RtpReport } from '../../support/probe-report.ts';

interface Handle {
  readonly meeting: Meeting;
  readonly conference: Conference | undefined;
}

const states: string[] = [];
let peerConnections = 0;
let firstPictureAt: number | undefined;
let longestStallMs = 0;
let screen: { publication: Publication; stop: () => void } | undefined;
let metered: { conference: Conference; meter: Meter } | undefined;

globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration);
    peerConnections += 1;
  }
};

let lastTick = performance.now();
setInterval(() => {
  const now = performance.now();
  longestStallMs = Math.max(longestStallMs, now - lastTick - 20);
  lastTick = now;
}, 20);

function handle(): Handle | undefined {
  const value: unknown = Reflect.get(window, 'sluice');
  return isHandle(value) ? value : undefined;
}
function isHandle(value: unknown): value is Handle {
  return typeof value === 'object' && value !== null && 'meeting' in value;
}
function conference(): Conference {
  const found = handle()?.conference;
  if (found === undefined) throw new Error('not in a conference');
  return found;
}
function meeting(): Meeting {
  const found = handle()?.meeting;
  if (found === undefined) throw new Error('the page has not begun');
  return found;
}
function tileOf(who: string): Tile {
  const tile = meeting().tiles.find(({ name, stream }) => name === who && stream !== undefined);
  if (tile === undefined) throw new Error(`nothing of ${who} is shown`);
  return tile;
}

/** Follows what is told from the first conference on. */
let followed: Conference | undefined;
setInterval(() => {
  const present = handle()?.conference;
  if (present === undefined || present === followed) return;
  followed = present;
  present.on('connection', (state) => states.push(`connection ${state.phase}`));
  present.on('link', (state) =>
    states.push(`link ${state.phase} ${'reason' in state ? state.reason : ''}`.trim()),
  );
  present.on('rejoined', () => states.push('rejoined'));
}, 5);

new MutationObserver(() => {
  for (const video of document.querySelectorAll<HTMLVideoElement>('.stage .tile:not(.self) video')) {
    if (video.dataset.probed !== undefined) continue;
    video.dataset.probed = '';
    video.requestVideoFrameCallback(() => {
      firstPictureAt ??= Date.now();
    });
  }
}).observe(document, { childList: true, subtree: true });

function describe(owner: Owner): Pick<RtpReport, 'who' | 'purpose'> {
  // Not by class: the page's bundle has classes of its own.
  if (!('stream' in owner))
    return { who: 'me', purpose: owner.options.videoSource === 'screen-cast' ? 'screen' : 'camera' };
  const { stream } = owner;
  if (stream.type === 'mixed') return { who: `mixed ${stream.info.label}`, purpose: 'mixed' };
  const id = stream.info.owner;
  const shared = stream.media.tracks.some(({ source }) => source === 'screen-cast');
  return { who: conference().participants.get(id)?.user ?? id, purpose: shared ? 'screen' : 'camera' };
}

const calls: ProbeCalls = {
  phase: () => handle()?.meeting.phase.name ?? 'none',
  me: () => conference().me?.id ?? '',
  people: () => [...conference().participants.values()].map(({ user }) => user).sort(),
  rtp: async () => {
    const present = conference();
    if (metered?.conference !== present) metered = { conference: present, meter: present.createMeter() };
    return (await metered.meter.read()).map((reading) => ({
      ...describe(reading.owner),
      kind: reading.kind,
      direction: reading.direction,
      rid: reading.rid,
      codec: reading.codec ?? '',
      width: reading.width ?? 0,
      height: reading.height ?? 0,
      frames: reading.totals.frames ?? 0,
      freezes: reading.freezes ?? 0,
      audioEnergy: reading.totals.audioEnergy ?? 0,
      packetsLost: reading.totals.packetsLost,
    }));
  },
  texts: () => meeting().chat.entries.map(({ message }) => message),
  states: () => states,
  firstPictureMs: () => {
    const { phase } = meeting();
    return phase.name === 'inside' && firstPictureAt !== undefined ? firstPictureAt - phase.since : -1;
  },
  peerConnections: () => peerConnections,
  longestStallMs: () => {
    const longest = longestStallMs;
    longestStallMs = 0;
    return longest;
  },
  publishScreen: async () => {
    const canvas = document.createElement('canvas');
    canvas.width = 640;
    canvas.height = 360;
    const pen = canvas.getContext('2d');
    let turn = 0;
    const timer = setInterval(() => {
      if (pen === null) return;
      pen.fillStyle = `hsl(${(turn += 3) % 360} 60% 50%)`;
      pen.fillRect(0, 0, 640, 360);
    }, 50);
    const publication = await conference().publish(canvas.captureStream(20), { videoSource: 'screen-cast' });
    screen = { publication, stop: () => clearInterval(timer) };
    return publication.id ?? '';
  },
  unpublishScreen: () => {
    screen?.publication.stop();
    screen?.stop();
    screen = undefined;
  },
  setOn: (kind, on) => meeting().setOn(kind, on),
  say: (message) => conference().send(message),
  layers: (who) =>
    tileOf(who).stream?.media.tracks.flatMap(({ rid, id }) =>
      rid === undefined || id === undefined ? [] : [{ rid, id }],
    ) ?? [],
  chooseLayer: (who, track) => meeting().chooseLayer(tileOf(who), track),
  setWatched: (who, watched) => meeting().setWatched(tileOf(who), watched),
  leave: () => meeting().leave(),
};
Object.assign(globalThis, { probe: calls });
