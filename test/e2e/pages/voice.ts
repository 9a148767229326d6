// Owns the sound of a test participant: a tone that rises and falls as speech does, and beeps at full seconds.
import { wallMs } from './wall-clock.ts';

export interface Voice {
  readonly track: MediaStreamTrack;
  speak(on: boolean): void;
  beep(on: boolean): void;
  /** Idempotent. */
  close(): void;
}

const loud = 0.25;
const syllablesHz = 4;
const beepSeconds = 0.12;
const beepHz = 1000;

export function createVoice(toneHz: number): Voice {
  const context = new AudioContext({ latencyHint: 'interactive', sampleRate: 48_000 });
  const out = context.createMediaStreamDestination();
  out.channelCount = 1;
  const gate = context.createGain();
  gate.gain.value = 0;
  gate.connect(out);
  const syllables = context.createGain();
  syllables.gain.value = 0.7;
  syllables.connect(gate);
  oscillator(context, toneHz).connect(syllables);
  const depth = context.createGain();
  depth.gain.value = 0.3;
  oscillator(context, syllablesHz).connect(depth).connect(syllables.gain);

  const beepGate = context.createGain();
  beepGate.gain.value = 0;
  oscillator(context, beepHz).connect(beepGate).connect(out);

  // The context's clock goes in steps; the freshest look at it is the right one.
  let aheadMs = -Infinity;
  const look = setInterval(() => {
    aheadMs = Math.max(aheadMs, context.currentTime * 1000 - wallMs());
  }, 3);
  let beeping: ReturnType<typeof setInterval> | undefined;
  let lastBeep = 0;
  const planBeep = (): void => {
    const next = Math.ceil((wallMs() + 100) / 1000) * 1000;
    if (next === lastBeep) return;
    lastBeep = next;
    const at = (next + aheadMs) / 1000;
    beepGate.gain.setValueAtTime(loud, at);
    beepGate.gain.setValueAtTime(0, at + beepSeconds);
  };
  const track = out.stream.getAudioTracks()[0];
  if (track === undefined) throw new Error('no sound to publish');
  return {
    track,
    speak: (on) => gate.gain.setTargetAtTime(on ? loud : 0, context.currentTime, 0.01),
    beep: (on) => {
      clearInterval(beeping);
      beeping = on ? setInterval(planBeep, 200) : undefined;
    },
    close: () => {
      clearInterval(look);
      clearInterval(beeping);
      track.stop();
      void context.close();
    },
  };
}

function oscillator(context: AudioContext, frequency: number): OscillatorNode {
  const made = context.createOscillator();
  made.frequency.value = frequency;
  made.start();
  return made;
}
