// Owns the dashboard that tells whether the cluster is well: one look, no choice.
import type { Dashboard } from './dashboard.ts';
import { graph, stat } from './panel.ts';

export const overview: Dashboard = {
  uid: 'sluice-overview',
  title: 'Sluice: cluster',
  about: 'Whether clients get in, get answers and get media. Details: the dashboards Edges and Media.',
  rows: [
    {
      title: 'Now',
      panels: [
        stat('Participants', 'short', 'cluster:sluice_edge_participants:sum'),
        stat(
          'Rooms',
          'short',
          'sum(sluice_edge_rooms{role="conducted"})',
          'By their conductors: a room is live at every edge that has somebody of it.',
        ),
        stat(
          'Edges ready',
          'short',
          'sum(sluice_ready and on (instance) sluice_process_info{process="edge"})',
        ),
        stat('Media workers up', 'short', 'sum(sluice_worker_up)'),
        stat(
          'Worker load',
          'percentunit',
          'cluster:sluice_worker_load:avg{purpose="webrtc"}',
          'Average for access of clients. From 85 % on a worker takes nothing new.',
        ),
        stat(
          'Redis reached by',
          'short',
          'count(min by (instance) (sluice_redis_up) == 1)',
          'Processes that reach all of theirs.',
        ),
      ],
    },
    {
      title: 'Clients',
      panels: [
        graph(
          'Participants',
          'short',
          { '{{state}}': 'sum by (state) (sluice_edge_participants)' },
          { about: 'Away: their connection broke, they are kept for their return.' },
        ),
        graph('Connections', 'short', { '{{protocol}}': 'sum by (protocol) (sluice_edge_connections)' }),
        graph('Requests', 'reqps', {
          done: 'sum(rate(sluice_edge_requests_total{outcome="ok"}[1m]))',
          'refused: {{outcome}}':
            'sum by (outcome) (rate(sluice_edge_requests_total{outcome!="ok"}[1m])) > 0',
        }),
        graph('Time to answer', 's', {
          p99: 'cluster:sluice_edge_request_seconds:p99_5m',
          p50: 'histogram_quantile(0.5, sum by (le) (rate(sluice_edge_request_seconds_bucket[5m])))',
        }),
        graph(
          'Clients that came back',
          'ops',
          { '{{outcome}}': 'sum by (outcome) (rate(sluice_edge_resumes_total[5m]))' },
          { about: 'After a break. Here: to the same edge; moved: to another one; refused: too late.' },
        ),
        graph('Events of rooms', 'ops', {
          events: 'cluster:sluice_room_events:rate1m',
          'decided again': 'sum(rate(sluice_room_append_conflicts_total[1m]))',
        }),
      ],
    },
    {
      title: 'Media',
      panels: [
        graph('Traffic with clients', 'bps', { '{{direction}}': 'cluster:sluice_worker_bits:rate1m' }),
        graph('Loss', 'percentunit', {
          '{{direction}}':
            'sum by (direction) (rate(sluice_worker_packets_lost_total[5m])) / sum by (direction) (rate(sluice_worker_packets_total[5m]))',
        }),
        graph(
          'Load of workers',
          'percentunit',
          { '{{purpose}}': 'cluster:sluice_worker_load:avg' },
          { max: 1 },
        ),
      ],
    },
    {
      title: 'Processes',
      panels: [
        graph('Up', 'short', { '{{process}}': 'count by (process) (sluice_process_info)' }),
        graph('Round trip to Redis, p90', 's', {
          '{{instance}} {{store}}':
            'histogram_quantile(0.9, sum by (le, instance, store) (rate(sluice_redis_round_trip_seconds_bucket[5m])))',
        }),
        graph('Log lines', 'ops', { '{{level}}': 'sum by (level) (rate(sluice_log_lines_total[5m]))' }),
      ],
    },
  ],
};
