// Owns the audio benchmark: a conference of 20 in which one or three speak, each over WebRTC, on Sluice and on Janus
// AudioBridge in turn; CPU time of the media process for each second of each participant.
import { cpuMs } from '../lib/proc.ts';
import { type Benchmark, median, progress, round, type Row, table } from '../lib/report.ts';
import { type Bridge, janusBridge, type Participant, sluiceBridge } from './contenders.ts';
import { hiss, speech, type SpokenPacket } from './speech.ts';

const participants = 20;
const talkerCounts = [1, 3] as const;
const warmUpMs = 3000;
const measuredMs = 10_000;
const rounds = 3;
const reportEveryMs = 2000;
/** A server that leaves work out must not look cheap. */
const leastPercent = 95;

interface Window {
  readonly talkers: number;
  /** CPU milliseconds for one participant's second. */
  readonly cpuMs: number;
  /** Of 50 packets a second of the mix. */
  readonly receivedPercent: number;
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

interface Sounds {
  readonly speech: readonly (readonly SpokenPacket[])[];
  readonly hiss: readonly SpokenPacket[];
}

/** Everybody sends every 20 ms until stopped; the first `talkers` speak. */
function converse(joined: readonly Participant[], talkers: number, sounds: Sounds): () => void {
  const began = performance.now();
  let sent = 0;
  let reportedMs = began;
  const timer = setInterval(() => {
    const now = performance.now();
    for (; sent * 20 <= now - began; sent++) {
      for (const [index, participant] of joined.entries()) {
        const sound = (index < talkers ? sounds.speech[index] : undefined) ?? sounds.hiss;
        const packet = sound[(sent + index * 7) % sound.length];
        if (packet !== undefined) participant.send(packet);
      }
    }
    if (now - reportedMs < reportEveryMs) return;
    reportedMs = now;
    for (const participant of joined) participant.report();
  }, 5);
  return () => {
    clearInterval(timer);
  };
}

async function onBridge(open: () => Promise<Bridge>, sounds: Sounds): Promise<Window[]> {
  const bridge = await open();
  const joined: Participant[] = [];
  try {
    for (let index = 0; index < participants; index++) joined.push(await bridge.join(`p${index}`));
    const windows: Window[] = [];
    for (const talkers of talkerCounts) {
      const stop = converse(joined, talkers, sounds);
      await sleep(warmUpMs);
      const cpu = cpuMs(bridge.mediaPid);
      const received = joined.map((participant) => participant.received());
      const began = performance.now();
      await sleep(measuredMs);
      const seconds = (performance.now() - began) / 1000;
      const cpuUsed = cpuMs(bridge.mediaPid) - cpu;
      const came = joined.reduce((sum, one, at) => sum + one.received() - (received[at] ?? 0), 0);
      stop();
      const receivedPercent = (100 * came) / (50 * seconds * participants);
      if (receivedPercent < leastPercent) {
        throw new Error(`only ${round(receivedPercent)} % of the mix came\n${bridge.output()}`);
      }
      windows.push({ talkers, cpuMs: cpuUsed / seconds / participants, receivedPercent });
    }
    return windows;
  } finally {
    for (const participant of joined) participant.close();
    await bridge.stop();
  }
}

const row = (server: string, { talkers, cpuMs: cpu, receivedPercent }: Window): Row => ({
  server,
  talkers,
  'CPU ms/participant-second': round(cpu),
  'participants/core': round(1000 / cpu, 0),
  'received %': round(receivedPercent, 1),
});

export const audio: Benchmark = {
  name: 'audio',
  about: `a conference of ${participants} with 1 and 3 talkers: CPU per participant, against Janus AudioBridge`,
  async run() {
    const sounds = {
      speech: await Promise.all([1, 2, 3].map((seed) => speech(seed))),
      hiss: await hiss(9),
    };
    const rows: Row[] = [];
    const cost = new Map<string, number[]>();
    for (let turn = 1; turn <= rounds; turn++) {
      for (const [name, open] of [
        ['sluice', sluiceBridge],
        ['janus', janusBridge],
      ] as const) {
        progress(`round ${turn} of ${rounds}: ${name}`);
        for (const window of await onBridge(open, sounds)) {
          rows.push(row(name, window));
          progress(JSON.stringify(rows.at(-1)));
          const key = `${name} ${window.talkers}`;
          cost.set(key, [...(cost.get(key) ?? []), window.cpuMs]);
        }
      }
    }
    console.log(table(rows));
    const cpu = (name: string, talkers: number): number => median(cost.get(`${name} ${talkers}`) ?? []);
    const ratio = (talkers: number): number => round(cpu('janus', talkers) / cpu('sluice', talkers));
    return {
      bench: 'audio',
      ratio: ratio(1),
      better: 'higher',
      baseline:
        'Janus AudioBridge 1.1.2 (event_loops = 2, 48 kHz mono, 40 kbit/s, FEC for 6 % loss), participants per core with one talker',
      goal: '>= 1.5',
      details: {
        participants,
        ratioThreeTalkers: ratio(3),
        participantsPerCore: {
          sluice: talkerCounts.map((talkers) => round(1000 / cpu('sluice', talkers), 0)),
          janus: talkerCounts.map((talkers) => round(1000 / cpu('janus', talkers), 0)),
        },
      },
    };
  },
};
