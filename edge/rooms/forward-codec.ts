// Owns the bytes by which one edge asks another to decide commands for it. Like a log entry they are written by an edge of
// ours from checked input: their frame is checked, the commands inside are trusted by their type.
import type { Refusal } from '../../schemas/error.ts';
import type { Command } from './command.ts';
import type { CommandId } from './event.ts';
import type { Outcome } from './live-room.ts';

export interface ForwardedCommand {
  /** The asking edge's number for it: grows from command to command, and a command keeps it whoever decides it. */
  readonly n: number;
  readonly by?: CommandId | undefined;
  readonly command: Command;
}

export interface ForwardedBatch {
  readonly edge: string;
  /** The log entry the asking edge has folded: no older state may decide. */
  readonly after: number;
  /** At least one, in order. */
  readonly commands: readonly ForwardedCommand[];
}

export const maxForwarded = 1000;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** JSON, as log entries are (record-codec.ts). Throws on what that cannot carry. */
export function encodeForward(batch: ForwardedBatch): Uint8Array {
  return encoder.encode(JSON.stringify(batch));
}

/** Undefined for anything that is no batch. */
export function decodeForward(bytes: unknown): ForwardedBatch | undefined {
  if (!(bytes instanceof Uint8Array)) return undefined;
  try {
    const value: unknown = JSON.parse(decoder.decode(bytes));
    return isBatch(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What is answered: the log entry of a command, in a list if it is a duplicate, or its refusal. */
export function encodeOutcomes(outcomes: readonly Outcome[]): readonly unknown[] {
  return outcomes.map((each) => {
    if (!each.ok) return each.refusal;
    return each.duplicate ? [each.seq] : each.seq;
  });
}

/** Undefined for anything but `count` outcomes. */
export function decodeOutcomes(value: unknown, count: number): readonly Outcome[] | undefined {
  if (!Array.isArray(value) || value.length !== count) return undefined;
  const outcomes = value.flatMap((each: unknown) => outcome(each) ?? []);
  return outcomes.length === count ? outcomes : undefined;
}

function outcome(value: unknown): Outcome | undefined {
  if (typeof value === 'number') return { ok: true, seq: value };
  if (Array.isArray(value)) {
    const seq: unknown = value[0];
    return typeof seq === 'number' ? { ok: true, seq, duplicate: true } : undefined;
  }
  return isRefusal(value) ? { ok: false, refusal: value } : undefined;
}

function isRefusal(value: unknown): value is Refusal {
  return isObject(value) && typeof value.code === 'string' && typeof value.message === 'string';
}

function isBatch(value: unknown): value is ForwardedBatch {
  return (
    isObject(value) &&
    typeof value.edge === 'string' &&
    Number.isSafeInteger(value.after) &&
    Array.isArray(value.commands) &&
    value.commands.length > 0 &&
    value.commands.length <= maxForwarded &&
    value.commands.every(isForwarded)
  );
}

function isForwarded(value: unknown): boolean {
  return (
    isObject(value) &&
    Number.isSafeInteger(value.n) &&
    isObject(value.command) &&
    typeof value.command.type === 'string' &&
    (value.by === undefined || isObject(value.by))
  );
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
