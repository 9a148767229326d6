// Owns as much of an RTCPeerConnection as the link uses, without media: it hands out mids like a browser does and
// remembers what was done to it.

export interface FakeTransceiver {
  mid: string | null;
  direction: string;
  readonly kind: string;
  readonly sender: { track: unknown; replaceTrack(track: unknown): Promise<void> };
  readonly receiver: { readonly track: { readonly id: string; readonly kind: string } };
  setCodecPreferences(): void;
  stop(): void;
}

export class FakePeerConnection {
  readonly transceivers: FakeTransceiver[] = [];
  readonly answers: string[] = [];
  connectionState = 'new';
  closed = false;
  stopped = 0;
  onicecandidate: unknown = null;
  onconnectionstatechange: (() => void) | null = null;

  addTransceiver(
    trackOrKind: string | { readonly kind: string },
    init: { direction: string },
  ): FakeTransceiver {
    const kind = typeof trackOrKind === 'string' ? trackOrKind : trackOrKind.kind;
    const index = this.transceivers.length;
    const transceiver: FakeTransceiver = {
      mid: null,
      kind,
      direction: init.direction,
      sender: { track: trackOrKind, replaceTrack: async () => undefined },
      receiver: { track: { id: `track-${index}`, kind } },
      setCodecPreferences: () => undefined,
      stop: () => {
        this.stopped += 1;
      },
    };
    this.transceivers.push(transceiver);
    return transceiver;
  }

  /** The offer's text lists every m-line, e.g. `0:audio:recvonly 1:video:inactive`. */
  async createOffer(): Promise<{ type: 'offer'; sdp: string }> {
    const lines = this.transceivers.map(({ kind, direction }, index) => `${index}:${kind}:${direction}`);
    return { type: 'offer', sdp: lines.join(' ') };
  }

  async setLocalDescription(): Promise<void> {
    this.transceivers.forEach((transceiver, index) => {
      transceiver.mid = String(index);
    });
  }

  async setRemoteDescription({ sdp }: { readonly sdp: string }): Promise<void> {
    this.answers.push(sdp);
  }

  become(state: string): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  close(): void {
    this.closed = true;
  }
}
