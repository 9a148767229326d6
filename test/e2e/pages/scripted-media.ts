// Owns media for a page whose room is made up (test/support/scripted-room.ts): peer connections that carry nothing, and a
// mixed picture drawn from the layout that the page itself knows. It is put into the page before anything else runs.
import type { Meeting } from '../../../edge/web/app/model/meeting.ts';

const size = { width: 640, height: 480 };
let loud = false;
let silentSince = 0;

function drawPicture(pen: CanvasRenderingContext2D): void {
  const { width, height } = pen.canvas;
  pen.fillStyle = '#000';
  pen.fillRect(0, 0, width, height);
  for (const { area, figure } of meeting()?.mixing?.places ?? []) {
    if (figure === undefined) continue;
    const [left, top] = [area.left * width, area.top * height];
    const [wide, high] = [area.width * width, area.height * height];
    const shownWide = Math.min(wide, (high * 16) / 9);
    const shownHigh = Math.min(high, (wide * 9) / 16);
    pen.save();
    pen.translate(left + (wide - shownWide) / 2, top + (high - shownHigh) / 2);
    drawPerson(pen, shownWide, shownHigh, figure.name, figure.video !== 'on');
    pen.restore();
  }
}

function drawPerson(
  pen: CanvasRenderingContext2D,
  width: number,
  height: number,
  name: string,
  off: boolean,
): void {
  let hue = 7;
  for (const letter of name) hue = (Math.imul(hue, 31) + (letter.codePointAt(0) ?? 0)) >>> 0;
  const sky = pen.createLinearGradient(0, 0, width, height);
  sky.addColorStop(0, off ? '#20292d' : `hsl(${hue % 360} 55% 34%)`);
  sky.addColorStop(1, off ? '#161c1f' : `hsl(${(hue + 45) % 360} 60% 18%)`);
  pen.fillStyle = sky;
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = off ? '#3a474c' : '#ffffff3a';
  pen.beginPath();
  pen.arc(width / 2, height * 0.4, height * 0.16, 0, 7);
  pen.fill();
  pen.beginPath();
  pen.ellipse(width / 2, height * 1.02, height * 0.38, height * 0.4, 0, Math.PI, 0);
  pen.fill();
}

function meeting(): Meeting | undefined {
  const value: unknown = Reflect.get(window, 'sluice');
  return isHandle(value) ? value.meeting : undefined;
}
function isHandle(value: unknown): value is { readonly meeting: Meeting } {
  return typeof value === 'object' && value !== null && 'meeting' in value;
}

function drawnTrack(): MediaStreamTrack {
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d', { alpha: false });
  const paint = (): void => {
    if (pen === null) return;
    if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
    drawPicture(pen);
  };
  paint();
  setInterval(paint, 1000 / 24);
  const [track] = canvas.captureStream(24).getVideoTracks();
  if (track === undefined) throw new Error('nothing to draw on');
  return track;
}

function silentTrack(): MediaStreamTrack {
  const [track] = new AudioContext().createMediaStreamDestination().stream.getAudioTracks();
  if (track === undefined) throw new Error('nothing to be silent with');
  return track;
}

interface Line {
  readonly mid: string;
  readonly kind: string;
  readonly receives: boolean;
}

/** As much of a peer connection as the client library uses. */
class ScriptedPeer {
  onicecandidate: unknown = null;
  onconnectionstatechange: (() => void) | null = null;
  connectionState = 'new';
  readonly #lines: Line[] = [];
  readonly #began = performance.now();

  addTransceiver(what: MediaStreamTrack | string): object {
    const kind = typeof what === 'string' ? what : what.kind;
    const mid = String(this.#lines.length);
    const receives = typeof what === 'string';
    this.#lines.push({ mid, kind, receives });
    const track = receives ? (kind === 'video' ? drawnTrack() : silentTrack()) : undefined;
    return {
      mid,
      direction: receives ? 'recvonly' : 'sendonly',
      sender: { replaceTrack: () => Promise.resolve() },
      receiver: { track },
      setCodecPreferences: () => undefined,
    };
  }
  createOffer(): Promise<object> {
    return Promise.resolve({ type: 'offer', sdp: 'scripted' });
  }
  setLocalDescription(): Promise<void> {
    return Promise.resolve();
  }
  setRemoteDescription(): Promise<void> {
    if (this.connectionState === 'new') {
      this.connectionState = 'connected';
      this.onconnectionstatechange?.();
    }
    return Promise.resolve();
  }
  close(): void {
    this.connectionState = 'closed';
  }

  /** A calm network that carries what it should. */
  getStats(): Promise<ReadonlyMap<string, object>> {
    const seconds = (performance.now() - this.#began) / 1000;
    if (!loud) silentSince = seconds;
    const entries = this.#lines.flatMap(({ mid, kind, receives }, index): object[] => {
      const video = kind === 'video';
      const rate = video ? 640_000 : 32_000;
      const common = { kind, mid, ssrc: index + 1, codecId: kind, timestamp: performance.now() };
      if (!receives)
        return [
          {
            ...common,
            id: `out${mid}`,
            type: 'outbound-rtp',
            bytesSent: (seconds * rate) / 8,
            packetsSent: seconds * 50,
            ...(video ? { framesEncoded: seconds * 30, frameWidth: 1280, frameHeight: 720 } : {}),
          },
        ];
      return [
        {
          ...common,
          id: `in${mid}`,
          type: 'inbound-rtp',
          bytesReceived: (seconds * rate) / 8,
          packetsReceived: seconds * 50,
          packetsLost: 0,
          jitter: 0.002,
          jitterBufferDelay: seconds * 50 * (video ? 0.034 : 0.048),
          jitterBufferEmittedCount: seconds * 50,
          estimatedPlayoutTimestamp: 4e12 + seconds * 1000 + (video ? 0 : -14),
          ...(video
            ? {
                framesDecoded: seconds * 24,
                frameWidth: size.width,
                frameHeight: size.height,
                freezeCount: 0,
              }
            : { totalAudioEnergy: Math.max(0, seconds - silentSince), totalSamplesDuration: seconds }),
        },
      ];
    });
    const named: [string, object][] = entries.map((entry) => [String(Reflect.get(entry, 'id')), entry]);
    return Promise.resolve(
      new Map([
        ...named,
        ['video', { id: 'video', type: 'codec', mimeType: 'video/VP8' }],
        ['audio', { id: 'audio', type: 'codec', mimeType: 'audio/opus' }],
      ]),
    );
  }
}

Object.assign(globalThis, {
  RTCPeerConnection: ScriptedPeer,
  scripted: {
    resize: (width: number, height: number) => Object.assign(size, { width, height }),
    setLoud: (on: boolean) => {
      loud = on;
    },
  },
});
