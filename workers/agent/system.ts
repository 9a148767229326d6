// Owns time and logging of a real worker process.
import { isLogged, logLine, type LogFields, type LogFormat, type LogLevel } from '../../schemas/log-line.ts';
import type { Clock, Log } from '../clock.ts';

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, callback) {
    const timer = setTimeout(callback, ms);
    return () => {
      clearTimeout(timer);
    };
  },
  every(ms, callback) {
    const timer = setInterval(callback, ms);
    return () => {
      clearInterval(timer);
    };
  },
};

/** The clock of media: it never goes back, whatever is done to the time of day. */
export const steadyClock: Clock = { ...systemClock, now: () => performance.timeOrigin + performance.now() };

/** A log of a worker process, on standard error, in the form that its parent writes too. */
export function stderrLog(options: {
  readonly name: string;
  readonly level: LogLevel | 'silent';
  readonly format?: LogFormat;
  /** Stand in every line of the JSON form. */
  readonly fields?: LogFields;
}): Log {
  const { name, level: least, format = 'text' } = options;
  const common = format === 'json' ? options.fields : undefined;
  const entry =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (!isLogged(level, least)) return;
      process.stderr.write(
        logLine(format, { at: Date.now(), level, name, message, fields: { ...common, ...fields } }),
      );
    };
  return { info: entry('info'), warn: entry('warn'), error: entry('error') };
}
