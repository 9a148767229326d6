// Owns log lines: one line an entry, readable by people and by `grep`, with fields as key=value. It hides what looks
// like a secret by its name, passwords in URLs, and bounds every line.
import type { Log } from '../../clock.ts';
import { maskedText } from '../../masked-text.ts';

export interface LogOptions {
  /** Stands in every line, for example "edge" or "worker". */
  readonly name: string;
  /** The least level that is written; `silent` writes nothing. Default `info`. */
  readonly level?: 'info' | 'warn' | 'error' | 'silent';
  /** Default: standard error. Gets whole lines with their line feed. */
  readonly write?: (line: string) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const ranks = { info: 0, warn: 1, error: 2, silent: 3 } as const;
const secret = /key|secret|password|token|ticket|credential|signature|authorization/i;
const maxValueChars = 2000;

function text(value: unknown, depth = 0): string {
  if (value instanceof Error) {
    const cause = value.cause === undefined || depth > 3 ? '' : ` cause=${text(value.cause, depth + 1)}`;
    return `${value.stack ?? `${value.name}: ${value.message}`}${cause}`;
  }
  if (typeof value === 'string') return value;
  try {
    const printed: unknown = JSON.stringify(value, (name, inner: unknown) =>
      secret.test(name) ? '…' : inner,
    );
    return typeof printed === 'string' ? printed : '(not printable)';
  } catch {
    return '(not printable)';
  }
}

function field(name: string, value: unknown): string {
  const raw = secret.test(name) ? '…' : text(value);
  const short = maskedText(raw.length > maxValueChars ? `${raw.slice(0, maxValueChars)}…` : raw);
  return `${name}=${/[\s"=]/.test(short) || short === '' ? JSON.stringify(short) : short}`;
}

/** A log that writes lines `<ISO time> <level> <name> <message> <key=value …>`. */
export function createLog(options: LogOptions): Log {
  const { name, level = 'info', now = Date.now } = options;
  const write = options.write ?? ((line: string) => void process.stderr.write(line));
  const entry =
    (at: 'info' | 'warn' | 'error') => (message: string, fields?: Readonly<Record<string, unknown>>) => {
      if (ranks[at] < ranks[level]) return;
      const parts = [new Date(now()).toISOString(), at, name, maskedText(message.replaceAll('\n', ' '))];
      for (const [key, value] of Object.entries(fields ?? {})) {
        if (value !== undefined) parts.push(field(key, value));
      }
      write(`${parts.join(' ')}\n`);
    };
  return { info: entry('info'), warn: entry('warn'), error: entry('error') };
}
