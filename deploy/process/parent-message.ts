// Owns what a server process tells the process that forked it (tests, process supervisors with a Node IPC channel).

/** A join token for one ISP and region, and where it leads. */
export interface PinnedToken {
  readonly isp: string;
  readonly region: string;
  readonly token: string;
  /** URL of the edge it leads to. */
  readonly edge: string;
  /** The media workers that may serve its holder. */
  readonly workers: readonly string[];
}

export type ParentMessage =
  | {
      readonly type: 'ready';
      readonly url: string;
      readonly httpsUrl?: string;
      readonly sample: { readonly id: string; readonly key: string; readonly room: string };
      readonly super: { readonly id: string; readonly key: string };
    }
  /** The media worker that runs now, the `index`-th of several; without a pid while there is none. */
  | { readonly type: 'worker'; readonly index?: number; readonly pid?: number }
  /** The demonstration of regions is up. */
  | {
      readonly type: 'regions';
      readonly room: string;
      readonly tokens: readonly PinnedToken[];
      readonly sample: { readonly id: string; readonly key: string };
      readonly super: { readonly id: string; readonly key: string };
    }
  /** A relay listens. */
  | { readonly type: 'relay'; readonly host: string; readonly port: number };

/** Says it, where there is somebody to hear it. */
export function tellParent(message: ParentMessage): void {
  if (process.connected) process.send?.(message);
}
