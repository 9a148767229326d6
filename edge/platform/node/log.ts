// Owns the log of a server process on Node: which levels are written, and where to. What a line looks like is
// schemas/log-line.ts.
import {
  isLogged,
  logLine,
  type LogFields,
  type LogFormat,
  type LogLevel,
} from '../../../schemas/log-line.ts';
import type { Log } from '../../clock.ts';
import { RepeatedLines } from './repeated-lines.ts';

export interface LogOptions {
  /** Stands in every line, for example "edge" or "worker host". */
  readonly name: string;
  /** The least level that is written; `silent` writes nothing. Default `info`. */
  readonly level?: LogLevel | 'silent';
  /** Default `text`. */
  readonly format?: LogFormat;
  /** Stand in every line of the JSON form where the entry has none of that name. */
  readonly fields?: LogFields;
  /** Told of every entry, written or not. */
  readonly counted?: (level: LogLevel) => void;
  /** Default: standard error. Gets whole lines with their line feed. */
  readonly write?: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Of warnings and errors that repeat, some are left out; the next that is written says how many, as `omitted`. */
export function createLog(options: LogOptions): Log {
  const { name, level: least = 'info', format = 'text', now = Date.now, counted } = options;
  const common = format === 'json' ? options.fields : undefined;
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const repeated = new RepeatedLines();
  const entry =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}) => {
      counted?.(level);
      if (!isLogged(level, least)) return;
      const at = now();
      const omitted = level === 'info' ? 0 : repeated.take(message, at);
      if (omitted === undefined) return;
      const all = { ...common, ...fields, ...(omitted > 0 && { omitted }) };
      write(logLine(format, { at, level, name, message, fields: all }));
    };
  return { info: entry('info'), warn: entry('warn'), error: entry('error') };
}
