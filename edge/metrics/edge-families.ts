// Owns which figures an edge shows of its clients, its rooms and its management interface.
import { counter, gauge, histogram } from '../../schemas/metric.ts';

const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export const edgeFamilies = {
  connections: gauge(
    'sluice_edge_connections',
    ['protocol'],
    'Client connections now, joined or not. Protocols: owt (Socket.IO), sluice (WebSocket)',
  ),
  connected: counter('sluice_edge_connections_total', ['protocol'], 'Client connections made'),
  disconnected: counter(
    'sluice_edge_disconnects_total',
    ['protocol', 'reason'],
    'Connections ended: lost (by the client or network), left, dropped, replaced, idle, too-slow, resync, moved, shutdown',
  ),
  participants: gauge(
    'sluice_edge_participants',
    ['state'],
    'Participants held here: joined, or away (kept for their return)',
  ),
  rooms: gauge('sluice_edge_rooms', ['role'], 'Rooms: live (held here), conducted (by this edge)'),
  requests: counter(
    'sluice_edge_requests_total',
    ['verb', 'outcome'],
    'Requests of clients; join and resume included. Outcome: ok or an error code',
  ),
  requestSeconds: histogram(
    'sluice_edge_request_seconds',
    ['verb'],
    'Until their answer: for what changes a room, until it stands in its log',
    requestBuckets,
  ),
  requestsNow: gauge('sluice_edge_requests_in_flight', [], 'Requests of clients without an answer yet'),
  resumes: counter(
    'sluice_edge_resumes_total',
    ['protocol', 'outcome'],
    'Clients that came back: here (held at this edge), moved (from another edge), refused',
  ),
  handOvers: counter(
    'sluice_edge_hand_overs_total',
    ['direction', 'outcome'],
    'Participants that came in from or went out to another edge. Outcome: ok, unknown (what it was owed is not known)',
  ),
  http: counter(
    'sluice_http_requests_total',
    ['method', 'route', 'status'],
    'HTTP requests but for Socket.IO and WebSockets. Route: its pattern, such as /v1/rooms/:room; other',
  ),
  httpSeconds: histogram('sluice_http_request_seconds', ['route'], 'Until their answer', requestBuckets),
  httpNow: gauge('sluice_http_requests_in_flight', [], 'HTTP requests without an answer yet'),
  events: counter('sluice_room_events_total', [], 'Events that this edge appended to room logs'),
  conflicts: counter(
    'sluice_room_append_conflicts_total',
    [],
    'Appends that came too late: another edge was faster, it is decided again',
  ),
  appendSeconds: histogram('sluice_room_append_seconds', [], 'An append to a room log', requestBuckets),
  tokensIssued: counter('sluice_tokens_issued_total', [], 'Join tokens made'),
  tokensRedeemed: counter(
    'sluice_tokens_redeemed_total',
    ['outcome'],
    'Join tokens brought: ok or an error code (unauthenticated: forged, expired or used; forbidden: of another region)',
  ),
  ticketsOpened: counter(
    'sluice_tickets_opened_total',
    ['outcome'],
    'Reconnection tickets brought: ok or an error code',
  ),
  picks: counter(
    'sluice_scheduling_picks_total',
    ['purpose', 'outcome'],
    'Who gets a task: picked, none (nobody is free or matches), failed (the registry cannot be reached)',
  ),
  pickSeconds: histogram('sluice_scheduling_pick_seconds', [], 'A pick', requestBuckets),
} as const;
