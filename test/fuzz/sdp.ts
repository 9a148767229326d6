// Owns the fuzz target for SDP offers: whatever a client sends is either refused with a SluiceError or answered with a
// text that reads back with the same m-lines.
import { readdirSync, readFileSync } from 'node:fs';
import { SluiceError } from '../../schemas/error.ts';
import type { DesiredPublication } from '../../schemas/worker.ts';
import { negotiate, type OutgoingSubscription } from '../../workers/webrtc/negotiation.ts';
import { writeAnswer } from '../../workers/webrtc/sdp-answer.ts';
import { parseSdp } from '../../workers/webrtc/sdp-parse.ts';
import type { FuzzTarget } from './target.ts';

// Tools run in the repository's root, wherever they are bundled to.
const folder = 'workers/webrtc/offers';

const local = {
  iceUfrag: 'ufrag',
  icePwd: 'passwordpasswordpassword',
  fingerprint: `sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
  setup: 'passive',
  candidates: ['candidate:1 1 UDP 1 127.0.0.1 5000 typ host'],
} as const;

const publications: readonly DesiredPublication[] = [
  {
    id: 'p',
    tracks: [
      {
        mid: '0',
        kind: 'audio',
        formats: [{ codec: 'opus', sampleRate: 48_000, channelNum: 2 }],
        paused: false,
      },
      { mid: '1', kind: 'video', formats: [{ codec: 'h264' }, { codec: 'vp8' }], paused: false },
    ],
  },
  { id: 'q', tracks: [{ mid: '2', kind: 'video', formats: [{ codec: 'vp9' }], paused: false }] },
];
const subscriptions: readonly OutgoingSubscription[] = [
  {
    id: 's',
    tracks: [
      {
        mid: '4',
        kind: 'video',
        formats: [{ codec: 'h264' }],
        preference: 'offer',
        ssrc: 1,
        rtxSsrc: 2,
        source: undefined,
      },
      {
        mid: '3',
        kind: 'audio',
        formats: [{ codec: 'opus', sampleRate: 48_000, channelNum: 2 }],
        preference: 'formats',
        ssrc: 3,
        rtxSsrc: 4,
        source: undefined,
      },
    ],
  },
];

const crumbs = [
  '',
  ' ',
  ';',
  ':',
  '/',
  '=',
  '0',
  '-1',
  '65536',
  '4294967296',
  '~',
  '\u0000',
  '\r',
  'é',
  'a=',
  'm=',
];

/** One hostile variant of `text`: lines dropped, doubled, swapped, cut, or filled with crumbs and noise. */
function mutate(text: string, random: () => number): string {
  const below = (limit: number): number => Math.floor(random() * limit);
  const lines = text.split('\n');
  const rounds = 1 + below(8);
  for (let round = 0; round < rounds; round++) {
    const at = below(lines.length);
    const line = lines[at] ?? '';
    const cut = below(line.length + 1);
    switch (below(7)) {
      case 0:
        lines.splice(at, 1);
        break;
      case 1:
        lines.splice(at, 0, lines[below(lines.length)] ?? '');
        break;
      case 2:
        lines[at] = line.slice(0, cut);
        break;
      case 3:
        lines[at] = line.slice(0, cut) + (crumbs[below(crumbs.length)] ?? '') + line.slice(cut);
        break;
      case 4:
        lines[at] = line.slice(0, cut) + String.fromCharCode(below(0x300)) + line.slice(cut + 1);
        break;
      case 5:
        lines[at] = line.replace(/\d+/, String(below(2 ** 33) - 1));
        break;
      default:
        lines[at] = line.repeat(1 + below(40));
    }
  }
  return lines.join(random() < 0.5 ? '\r\n' : '\n');
}

export const sdpFuzz: FuzzTarget = {
  name: 'sdp',
  run(random, iterations) {
    const offers = readdirSync(folder)
      .sort()
      .map((name) => readFileSync(`${folder}/${name}`, 'utf8'));
    for (let round = 0; round < iterations; round++) {
      const seed = offers[Math.floor(random() * offers.length)] ?? '';
      check(mutate(seed, random));
    }
  },
};

function check(text: string): void {
  let offer: ReturnType<typeof parseSdp>;
  try {
    offer = parseSdp(text);
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'bad-request') return;
    throw error;
  }
  const { sections } = negotiate(offer, publications, subscriptions);
  const answer = writeAnswer(sections, local, 1);
  // With every m-line rejected there is no transport to read back.
  if (sections.every(({ type }) => type === 'rejected')) return;
  const read = parseSdp(answer);
  const mids = offer.media.map(({ mid }) => mid).join(' ');
  if (read.media.map(({ mid }) => mid).join(' ') !== mids) throw new Error(`m-lines differ: ${mids}`);
}
