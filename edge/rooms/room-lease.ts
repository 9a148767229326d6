// Owns the name of the lease that makes an edge the conductor of a room.

export const roomLease = (room: string): string => `room.${room}`;
