// Owns the origin of what has none: any worker will do.
import type { Origin } from '../../schemas/room.ts';

export const nowhere: Origin = { isp: '', region: '' };
