// Owns how a model tells its views that it changed: as often as it likes, they draw once.
import { useEffect, useState } from 'preact/hooks';

export class Changes {
  readonly #listeners = new Set<() => void>();
  #due = false;

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(): void {
    if (this.#due) return;
    this.#due = true;
    queueMicrotask(() => {
      this.#due = false;
      for (const listener of [...this.#listeners]) listener();
    });
  }
}

/** Draws the component again whenever the model changed. */
export function useChanges(...all: readonly Changes[]): void {
  const [, redraw] = useState(0);
  useEffect(() => {
    const offs = all.map((changes) => changes.listen(() => redraw((count) => count + 1)));
    return () => {
      for (const off of offs) off();
    };
  }, all);
}
