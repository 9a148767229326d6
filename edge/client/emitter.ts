// Owns typed events inside the client library: who listens to what. It knows nothing of what is emitted.

export type Off = () => void;

/** `Events` maps each event's name to what its listeners are given. */
export class Emitter<Events extends object> {
  readonly #listeners: { [Name in keyof Events]?: Set<(detail: Events[Name]) => void> } = {};

  /** Calls `listener` at every `name` until the result is called. */
  on<Name extends keyof Events>(name: Name, listener: (detail: Events[Name]) => void): Off {
    const listeners = (this.#listeners[name] ??= new Set());
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  /** Calls every listener; one that throws is reported to the console of the page and stops no other. */
  emit<Name extends keyof Events>(name: Name, detail: Events[Name]): void {
    for (const listener of [...(this.#listeners[name] ?? [])]) {
      try {
        listener(detail);
      } catch (error) {
        console.error(error);
      }
    }
  }
}
