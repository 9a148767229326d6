// Owns the shape of what a chaos run writes down between two quiet moments: what clients asked and were answered, what each
// of them heard, what the room's log holds, who was seen in the room, and which documents workers took. Times are
// milliseconds of one clock.

/** A text to all of a room. `unknown`: no answer came that says what became of it. */
export interface SaidText {
  readonly room: string;
  readonly participant: string;
  /** Unique in the run. */
  readonly message: string;
  readonly askedAt: number;
  readonly outcome: 'acknowledged' | 'refused' | 'unknown';
}

/**
 * What one participant was told, in order. `anew`: the whole room instead of what it missed. `broke`: its connection did, and
 * its protocol does not count, so it may be told again what it had.
 */
export type Heard = { readonly text: string } | { readonly anew: true } | { readonly broke: true };

/** One participation. */
export interface Life {
  readonly room: string;
  readonly participant: string;
  /** When its join was acknowledged: what was asked later it must hear. 0 if it was there before. */
  readonly joinedAt: number;
  /** It is still in the room, connected, and has had time to hear everything. */
  readonly complete: boolean;
  readonly heard: readonly Heard[];
}

/** One entry of a room's log, in the log's order. */
export interface Logged {
  readonly room: string;
  readonly seq: number;
  /** The client command behind it. */
  readonly by?: { readonly participant: string; readonly cid: number };
  readonly event:
    | { readonly type: 'text'; readonly from: string; readonly message: string }
    | { readonly type: 'joined' | 'left'; readonly participant: string }
    | { readonly type: 'other'; readonly name: string };
}

/** Who is in a room, as somebody sees it at a moment at which everybody should see the same. */
export interface Look {
  readonly room: string;
  /** A participant, or an edge's management interface. */
  readonly by: string;
  /** How it came to see that, in words. */
  readonly standing?: string;
  readonly participants: readonly string[];
  readonly streams: readonly string[];
}

/** Who is in a room in truth, and what is published there. */
export interface Truth {
  readonly room: string;
  readonly participants: readonly string[];
  readonly streams: readonly string[];
}

/** A room's document as an edge sent it to a worker. */
export interface SentDocument {
  readonly room: string;
  readonly worker: string;
  readonly sender: string;
  /** The fencing token of the sender's lease, and the log entry it was planned from. */
  readonly fence: number;
  readonly version: number;
  readonly outcome: 'taken' | 'refused' | 'unanswered';
  /** When it was sent and its answer was heard: it was taken at some time between. */
  readonly askedAt: number;
  readonly answeredAt: number;
}

/** Who held a room's lease, in the order in which that was seen. */
export interface HeldLease {
  readonly room: string;
  readonly holder: string;
  readonly token: number;
}

export interface History {
  readonly said: readonly SaidText[];
  readonly lives: readonly Life[];
  readonly logged: readonly Logged[];
  readonly looks: readonly Look[];
  readonly truths: readonly Truth[];
  readonly documents: readonly SentDocument[];
  readonly leases: readonly HeldLease[];
  /** What is known of a participant or a stream, line by line, for the report. */
  readonly story?: (id: string) => readonly string[];
}

export interface Violation {
  readonly rule: 'lost' | 'doubled' | 'reordered' | 'told anew' | 'ghost' | 'missing' | 'two owners';
  readonly room: string;
  readonly what: string;
  /** The piece of history that shows it. */
  readonly piece: readonly string[];
}
