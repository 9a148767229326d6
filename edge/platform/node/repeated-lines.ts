// Owns which of many like entries of a log are written: a store that is away is told of by every room, several times a second.

/** So many entries of one message are written in each window. */
const most = 50;
const windowMs = 10_000;
/** Messages are constant texts of the code; this is for those that are not. */
const maxMessages = 1000;

export class RepeatedLines {
  readonly #messages = new Map<string, { from: number; written: number; omitted: number }>();

  /**
   * How many entries of this message were left out since the last that was written, when the present one, at `now` in
   * milliseconds, is to be written; undefined when it is to be left out.
   */
  take(message: string, now: number): number | undefined {
    const seen = this.#messages.get(message);
    const isNew = seen === undefined || now - seen.from >= windowMs || now < seen.from;
    const { from, written } = isNew ? { from: now, written: 0 } : seen;
    const omitted = seen?.omitted ?? 0;
    if (seen === undefined && this.#messages.size >= maxMessages) this.#messages.clear();
    const isWritten = written < most;
    this.#messages.set(message, {
      from,
      written: isWritten ? written + 1 : written,
      omitted: isWritten ? 0 : omitted + 1,
    });
    return isWritten ? omitted : undefined;
  }
}
