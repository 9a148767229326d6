// Owns the contract of what may happen once: single-use tokens, nonces of signed requests.
export interface Once {
  /**
   * True for the first who asks for `id` in `scope`, false for everybody after that until `keepMs` have passed since that
   * first time. Of callers at once, on any edges, exactly one gets true. Later callers do not prolong the memory, and their
   * own `keepMs` is ignored. Ids of different scopes never meet.
   *
   * `scope` and `id` are texts of at most 1,024 characters, any characters; `keepMs` is positive and finite. The scope
   * `token.<room>` is remembered where that room's log lives; every other scope where the directory does.
   *
   * An implementation that bounds its memory forgets the oldest of a scope first, and never while the scope has 100,000 or
   * fewer. Rejects with SluiceError `unavailable` when the store cannot be asked: the caller must then refuse.
   */
  first(scope: string, id: string, keepMs: number): Promise<boolean>;
}
