// Owns ids of directory entries: 24 lower-case hex digits that ascend in the order of their making.
import type { Clock, Random } from '../../clock.ts';

export interface ObjectIds {
  next(): string;
  /** Later ids come after this one, even if the clock was set back since it was made. */
  seen(id: string): void;
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

/** 12 digits of milliseconds, 4 of a counter within them, 8 of chance. */
export function createObjectIds(clock: Clock, random: Random): ObjectIds {
  let lastMs = 0;
  let count = 0;

  function step(): void {
    const now = clock.now();
    if (now > lastMs) {
      lastMs = now;
      count = 0;
    } else if (count < 0xffff) count += 1;
    else {
      lastMs += 1;
      count = 0;
    }
  }

  return {
    next() {
      step();
      const chance = Array.from(random.bytes(4), (byte) => hex(byte, 2)).join('');
      return `${hex(lastMs, 12)}${hex(count, 4)}${chance}`;
    },
    seen(id) {
      const ms = Number.parseInt(id.slice(0, 12), 16);
      // Ids made elsewhere may lie far in the future: those are not followed.
      if (!(ms >= lastMs && ms <= clock.now() + 86_400_000)) return;
      const counted = Number.parseInt(id.slice(12, 16), 16);
      count = ms === lastMs ? Math.max(count, counted) : counted;
      lastMs = ms;
    },
  };
}
