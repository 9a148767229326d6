// Owns the contract by which the in-memory directory outlives its process, and the rule when to write: soon after a
// change, one write at a time, the newest text only.
import type { Clock, Log } from '../../clock.ts';

export interface Persistence {
  /** The text last saved, undefined before the first. */
  load(): Promise<string | undefined>;
  /** Replaces the whole text, at once or not at all. */
  save(text: string): Promise<void>;
}

export interface Saver {
  /** Something changed: it is saved within `delayMs`. */
  changed(): void;
  /** Saves what is not saved yet. Rejects when that fails. */
  flush(): Promise<void>;
}

const delayMs = 100;
const retryMs = 1000;

/** Saves `text()` after changes; a failed save is logged and tried again every second. */
export function createSaver(options: {
  persistence: Persistence;
  text: () => string;
  clock: Clock;
  log?: Log | undefined;
}): Saver {
  const { persistence, text, clock, log } = options;
  let dirty = false;
  let cancel: (() => void) | undefined;
  let writing: Promise<void> | undefined;

  async function write(): Promise<void> {
    while (dirty) {
      dirty = false;
      try {
        await persistence.save(text());
      } catch (error) {
        dirty = true;
        throw error;
      }
    }
  }
  function start(): Promise<void> {
    cancel?.();
    cancel = undefined;
    writing ??= write().finally(() => {
      writing = undefined;
    });
    return writing;
  }
  function schedule(ms: number): void {
    cancel ??= clock.after(ms, () => {
      start().catch((error: unknown) => {
        log?.error('the directory could not be saved', { error });
        schedule(retryMs);
      });
    });
  }

  return {
    changed() {
      dirty = true;
      schedule(delayMs);
    },
    async flush() {
      await start();
      // A change may have come between the last look at `dirty` and the end of that write.
      if (dirty) await start();
    },
  };
}
