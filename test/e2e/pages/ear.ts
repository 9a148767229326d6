// Owns hearing: which participants' tones are in what is played, and when a sound begins.
import { cast, type LookName } from '../../support/cast.ts';
import { wallMs } from './wall-clock.ts';

const quietDb = -140;
/** Silence this long makes the next sound an onset. */
const silenceSeconds = 0.25;
const onsetLevel = 0.03;
const maxOnsets = 1000;

/** Runs in the audio thread: tells the context's time of every first loud sample after silence. */
const onsetDetector = `registerProcessor('onsets', class extends AudioWorkletProcessor {
  #silentSince = 0;
  process([[samples]]) {
    if (samples === undefined) return true;
    for (let i = 0; i < samples.length; i++) {
      if (Math.abs(samples[i]) < ${onsetLevel}) continue;
      const at = currentTime + i / sampleRate;
      if (at - this.#silentSince > ${silenceSeconds}) this.port.postMessage(at);
      this.#silentSince = at;
    }
    return true;
  }
})`;

export class Ear {
  readonly #context = new AudioContext({ latencyHint: 'interactive', sampleRate: 48_000 });
  readonly #analyser = this.#context.createAnalyser();
  readonly #spectrum: Float32Array<ArrayBuffer>;
  readonly #onsets: number[] = [];
  readonly #detector: Promise<AudioWorkletNode>;
  #source: MediaStreamAudioSourceNode | undefined;
  #aheadMs = -Infinity;
  readonly #look: ReturnType<typeof setInterval>;

  constructor() {
    this.#analyser.fftSize = 8192;
    this.#analyser.smoothingTimeConstant = 0;
    this.#spectrum = new Float32Array(this.#analyser.frequencyBinCount);
    this.#look = setInterval(() => {
      this.#aheadMs = Math.max(this.#aheadMs, this.#context.currentTime * 1000 - wallMs());
    }, 3);
    this.#detector = this.#listen();
  }

  /** Hears this track from now on; undefined is none. */
  hear(track: MediaStreamTrack | undefined): void {
    this.#source?.disconnect();
    this.#source = undefined;
    if (track === undefined) return;
    const source = this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#source = source;
    source.connect(this.#analyser);
    void this.#detector.then((detector) => {
      if (this.#source === source) source.connect(detector);
    });
  }

  /** Loudness of everybody's tone in the last 170 ms, in dB of full scale. */
  levels(): Record<LookName, number> {
    this.#analyser.getFloatFrequencyData(this.#spectrum);
    const hzPerBin = this.#context.sampleRate / this.#analyser.fftSize;
    const level = (hz: number): number => {
      const bin = Math.round(hz / hzPerBin);
      return Math.max(quietDb, ...this.#spectrum.subarray(bin - 2, bin + 3));
    };
    const [red, green, blue, yellow, magenta, cyan] = cast.map(({ toneHz }) => Math.round(level(toneHz)));
    return {
      red: red ?? quietDb,
      green: green ?? quietDb,
      blue: blue ?? quietDb,
      yellow: yellow ?? quietDb,
      magenta: magenta ?? quietDb,
      cyan: cyan ?? quietDb,
    };
  }

  takeOnsets(): readonly number[] {
    return this.#onsets.splice(0);
  }

  close(): void {
    clearInterval(this.#look);
    void this.#context.close();
  }

  async #listen(): Promise<AudioWorkletNode> {
    const address = URL.createObjectURL(new Blob([onsetDetector], { type: 'text/javascript' }));
    await this.#context.audioWorklet.addModule(address);
    const detector = new AudioWorkletNode(this.#context, 'onsets', { numberOfOutputs: 0 });
    detector.port.onmessage = ({ data }: MessageEvent<unknown>) => {
      if (typeof data === 'number' && this.#onsets.length < maxOnsets)
        this.#onsets.push(data * 1000 - this.#aheadMs);
    };
    return detector;
  }
}
