// Owns what a line of log looks like, in every process: a text for people and `grep`, or one JSON object. It hides what
// looks like a secret by its name, passwords in URLs, and bounds every line. Pure: where lines go is their writer's.
import { maskedText } from './masked-text.ts';

export type LogFormat = 'text' | 'json';
export type LogLevel = 'info' | 'warn' | 'error';
export type LogFields = Readonly<Record<string, unknown>>;

export interface LogEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly level: LogLevel;
  /** Which process says it. */
  readonly name: string;
  readonly message: string;
  /** Standard ones: `room`, `participant`, `request`, `edge`, `worker` (ids), `error`. */
  readonly fields: LogFields;
}

const secret = /key|secret|password|token|ticket|credential|signature|authorization/i;
const maxValueChars = 2000;
const maxFields = 50;
const reserved = new Set(['time', 'level', 'process', 'message']);

/** Whether an entry of `level` is written where `least` is the least that is. */
export function isLogged(level: LogLevel, least: LogLevel | 'silent'): boolean {
  const ranks = { info: 0, warn: 1, error: 2, silent: 3 };
  return ranks[level] >= ranks[least];
}

/**
 * One line with its line feed. As text `<ISO time> <level> <name> <message> <key=value …>`; as JSON `{time, level, process,
 * message, …fields}`.
 */
export function logLine(format: LogFormat, { at, level, name, message, fields }: LogEntry): string {
  const time = new Date(at).toISOString();
  const said = maskedText(bounded(message.replaceAll('\n', ' ')));
  const given = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .slice(0, maxFields);
  if (format === 'text') {
    return `${[time, level, name, said, ...given.map(([key, value]) => asText(key, value))].join(' ')}\n`;
  }
  const line = new Map<string, unknown>(Object.entries({ time, level, process: name, message: said }));
  for (const [key, value] of given) line.set(reserved.has(key) ? `${key}_` : key, asJson(key, value));
  return `${JSON.stringify(Object.fromEntries(line))}\n`;
}

function asText(name: string, value: unknown): string {
  const short = secret.test(name) ? '…' : maskedText(bounded(printed(value)));
  return `${name}=${/[\s"=]/.test(short) || short === '' ? JSON.stringify(short) : short}`;
}

/** Numbers, truth values and small structures stay what they are. */
function asJson(name: string, value: unknown): unknown {
  if (secret.test(name)) return '…';
  if (typeof value === 'boolean' || value === null || Number.isFinite(value)) return value;
  const text = maskedText(bounded(printed(value)));
  if (typeof value !== 'object' || value instanceof Error) return text;
  try {
    const parsed: unknown = JSON.parse(text);
    return parsed;
  } catch {
    // It was too long.
    return text;
  }
}

function printed(value: unknown, depth = 0): string {
  if (value instanceof Error) {
    const cause = value.cause === undefined || depth > 3 ? '' : ` cause=${printed(value.cause, depth + 1)}`;
    return `${value.stack ?? `${value.name}: ${value.message}`}${cause}`;
  }
  if (typeof value === 'string') return value;
  try {
    const json: unknown = JSON.stringify(value, (name, inner: unknown) => (secret.test(name) ? '…' : inner));
    return typeof json === 'string' ? json : '(not printable)';
  } catch {
    return '(not printable)';
  }
}

function bounded(text: string): string {
  return text.length > maxValueChars ? `${text.slice(0, maxValueChars)}…` : text;
}
