// Owns the short messages that come up on the page and go by themselves: the latest few, each text once.

export interface Toast {
  readonly key: number;
  readonly tone: 'info' | 'problem';
  readonly text: string;
}

const maxShown = 4;
const usualMs = 6000;

export class Toasts {
  readonly #changed: () => void;
  #shown: readonly Toast[] = [];
  #nextKey = 1;

  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get shown(): readonly Toast[] {
    return this.#shown;
  }

  show(tone: Toast['tone'], text: string, shownMs = usualMs): void {
    const key = this.#nextKey++;
    this.#shown = [...this.#shown.filter((toast) => toast.text !== text), { key, tone, text }].slice(
      -maxShown,
    );
    setTimeout(() => this.dismiss(key), shownMs);
    this.#changed();
  }

  dismiss(key: number): void {
    this.#shown = this.#shown.filter((toast) => toast.key !== key);
    this.#changed();
  }
}
