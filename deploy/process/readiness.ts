// Owns whether a process takes new clients or new work, and why not: it starts, it drains, or what it needs is away.
// Whether it lives is another question, which none of this answers.

export type ReadinessCheck = () => string | undefined;

export class Readiness {
  readonly #checks: ReadinessCheck[] = [];
  #phase: 'starting' | 'ready' | 'draining' = 'starting';

  /** `check` gives the reason why not, from memory. */
  add(check: ReadinessCheck): void {
    this.#checks.push(check);
  }

  started(): void {
    if (this.#phase === 'starting') this.#phase = 'ready';
  }

  drain(): void {
    this.#phase = 'draining';
  }

  get draining(): boolean {
    return this.#phase === 'draining';
  }

  /** Why it takes nothing new; undefined when it does. */
  get reason(): string | undefined {
    if (this.#phase !== 'ready') return this.#phase;
    for (const check of this.#checks) {
      const reason = check();
      if (reason !== undefined) return reason;
    }
    return undefined;
  }
}
