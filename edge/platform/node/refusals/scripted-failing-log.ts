// Owns a room log that is slow to be reached.
import type { RoomLog } from '../../../store/room-log.ts';

/** A room log that is out of reach from the nth append on; it answers when it may again. */
export function failing(from: number): (log: RoomLog) => RoomLog {
  return (log) => {
    let appends = 0;
    return {
      ...log,
      append: (...args) =>
        ++appends < from
          ? log.append(...args)
          : new Promise((resolve) => void setTimeout(resolve, 400)).then(() => log.append(...args)),
    };
  };
}
