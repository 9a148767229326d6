// Owns the picture and sound made by the page itself, for who has no camera or does not want to show it: the name on
// slowly moving water, a clock, and a soft tone now and then.
import { hueOf } from './hue.ts';

export interface Synthetic {
  readonly media: MediaStream;
  rename(name: string): void;
  /** Idempotent. */
  close(): void;
}

export interface SyntheticOptions {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly video: boolean;
  readonly audio: boolean;
}

const framesPerSecond = 30;

export function createSynthetic({ name, width, height, video, audio }: SyntheticOptions): Synthetic {
  const media = new MediaStream();
  const closers: (() => void)[] = [];
  let shown = name;
  if (video) {
    const picture = createPicture(width, height, () => shown);
    media.addTrack(picture.track);
    closers.push(picture.close);
  }
  if (audio) {
    const tone = createTone(hueOf(name));
    media.addTrack(tone.track);
    closers.push(tone.close);
  }
  return {
    media,
    rename: (next) => {
      shown = next;
    },
    close: () => {
      for (const close of closers.splice(0)) close();
      for (const track of media.getTracks()) track.stop();
    },
  };
}

interface Source {
  readonly track: MediaStreamTrack;
  readonly close: () => void;
}

/** A sharing of the screen that shares nothing: for machines without one, and for tests. */
export function createSlides(name: string): Synthetic {
  const canvas = createCanvas(1280, 720);
  const began = performance.now();
  const source = animate(canvas, 15, (pen) => {
    const seconds = (performance.now() - began) / 1000;
    pen.fillStyle = '#f8fafc';
    pen.fillRect(0, 0, 1280, 720);
    pen.fillStyle = '#0f766e';
    pen.fillRect(0, 0, 1280, 12);
    pen.fillStyle = '#0f172a';
    pen.textAlign = 'left';
    pen.textBaseline = 'alphabetic';
    pen.font = '600 56px Inter, system-ui, sans-serif';
    pen.fillText(`${name} shares a screen`, 80, 150);
    for (let bar = 0; bar < 12; bar++) {
      const tall = 120 + 100 * Math.sin(seconds * 0.8 + bar * 0.7) + bar * 12;
      pen.fillStyle = `hsl(${175 + bar * 5} 60% ${38 + bar}%)`;
      pen.fillRect(80 + bar * 94, 620 - tall, 64, tall);
    }
  });
  const media = new MediaStream([source.track]);
  return {
    media,
    rename: () => undefined,
    close: () => {
      source.close();
      source.track.stop();
    },
  };
}

function createPicture(width: number, height: number, name: () => string): Source {
  const canvas = createCanvas(width, height);
  const began = performance.now();
  return animate(canvas, framesPerSecond, (pen) => {
    const seconds = (performance.now() - began) / 1000;
    const hue = hueOf(name());
    const sky = pen.createLinearGradient(0, 0, width, height);
    sky.addColorStop(0, `hsl(${hue} 55% 26%)`);
    sky.addColorStop(1, `hsl(${hue + 45} 60% 14%)`);
    pen.fillStyle = sky;
    pen.fillRect(0, 0, width, height);
    for (let wave = 0; wave < 3; wave++) drawWave(pen, width, height, seconds, wave, hue);
    pen.fillStyle = '#fff';
    pen.textAlign = 'center';
    pen.textBaseline = 'middle';
    pen.font = `600 ${Math.round(Math.min(height * 0.14, (width * 1.5) / Math.max(8, name().length)))}px Inter, system-ui, sans-serif`;
    pen.fillText(name(), width / 2, height * 0.42, width * 0.9);
    pen.font = `${Math.round(height * 0.05)}px Inter, system-ui, sans-serif`;
    pen.fillStyle = '#ffffffb0';
    pen.fillText(new Date().toLocaleTimeString(), width / 2, height * 0.55);
    // Something that moves each frame and whose steps an eye (or a test) can follow.
    pen.fillStyle = '#ffffff30';
    pen.fillRect(width * 0.4, height * 0.62, width * 0.2, height * 0.008);
    pen.fillStyle = '#ffffffd0';
    pen.fillRect(
      width * (0.4 + 0.16 * (0.5 - 0.5 * Math.cos(seconds * 2))),
      height * 0.62,
      width * 0.04,
      height * 0.008,
    );
  });
}

function drawWave(
  pen: CanvasRenderingContext2D,
  width: number,
  height: number,
  seconds: number,
  wave: number,
  hue: number,
): void {
  pen.beginPath();
  pen.moveTo(0, height);
  for (let x = 0; x <= width; x += 16) {
    const y = Math.sin((x / width) * 6 + seconds * (0.5 + wave * 0.25) + wave * 2) * height * 0.03;
    pen.lineTo(x, height * (0.72 + wave * 0.08) + y);
  }
  pen.lineTo(width, height);
  pen.fillStyle = `hsl(${hue + wave * 18} 70% ${52 - wave * 10}% / 0.55)`;
  pen.fill();
}

function createCanvas(width: number, height: number): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  return canvas;
}

function animate(
  canvas: HTMLCanvasElement,
  rate: number,
  draw: (pen: CanvasRenderingContext2D) => void,
): Source {
  const pen = canvas.getContext('2d', { alpha: false });
  const paint = (): void => {
    if (pen !== null) draw(pen);
  };
  paint();
  // Not the screen's refresh: that stops while the page is hidden, and the others would see a still picture.
  const timer = setInterval(paint, 1000 / rate);
  const track = canvas.captureStream(rate).getVideoTracks()[0];
  if (track === undefined) throw new Error('This browser cannot make a picture by itself');
  return { track, close: () => clearInterval(timer) };
}

/** A soft note of some 250 ms every 2 s; the pitch belongs to the name. */
function createTone(hue: number): Source {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  const volume = context.createGain();
  volume.gain.value = 0;
  const tone = context.createOscillator();
  tone.frequency.value = 220 + hue * 1.2;
  tone.connect(volume).connect(out);
  tone.start();
  const ring = (): void => {
    const now = context.currentTime;
    volume.gain.cancelScheduledValues(now);
    volume.gain.setValueAtTime(0, now);
    volume.gain.linearRampToValueAtTime(0.12, now + 0.04);
    volume.gain.linearRampToValueAtTime(0, now + 0.3);
  };
  ring();
  const timer = setInterval(ring, 2000);
  // Made before the first click on the page it may be suspended.
  const wake = (): void => void context.resume();
  document.addEventListener('pointerdown', wake);
  const track = out.stream.getAudioTracks()[0];
  if (track === undefined) throw new Error('This browser cannot make a sound by itself');
  return {
    track,
    close: () => {
      clearInterval(timer);
      document.removeEventListener('pointerdown', wake);
      void context.close();
    },
  };
}
