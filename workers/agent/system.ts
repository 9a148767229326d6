// Owns time and logging of a real worker process.
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

const ranks = { info: 0, warn: 1, error: 2, silent: 3 } as const;
export type LogLevel = keyof typeof ranks;

const maxFieldCharacters = 2000;

/** A log that writes lines `<ISO time> <level> <name> <message> <key=value …>` to standard error. */
export function stderrLog(name: string, least: LogLevel): Log {
  const entry =
    (level: 'info' | 'warn' | 'error') =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      if (ranks[level] < ranks[least]) return;
      const parts = [new Date().toISOString(), level, name, message];
      for (const [key, value] of Object.entries(fields)) parts.push(`${key}=${text(value)}`);
      process.stderr.write(`${parts.join(' ')}\n`);
    };
  return { info: entry('info'), warn: entry('warn'), error: entry('error') };
}

function text(value: unknown): string {
  const raw = value instanceof Error ? (value.stack ?? value.message) : value;
  const cause = value instanceof Error && value.cause !== undefined ? ` cause: ${text(value.cause)}` : '';
  const line = typeof raw === 'string' ? raw : printed(raw);
  const short = `${line}${cause}`.slice(0, maxFieldCharacters);
  return /[\s"=]/.test(short) ? JSON.stringify(short) : short;
}

function printed(value: unknown): string {
  try {
    const json: unknown = JSON.stringify(value);
    return typeof json === 'string' ? json : String(value);
  } catch {
    return '(not printable)';
  }
}
