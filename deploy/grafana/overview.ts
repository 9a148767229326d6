// Owns the dashboard that tells whether the cluster is well: one look, no choice.
import type { Dashboard } from './dashboard.ts';

export const overview: Dashboard = {
  uid: 'sluice-overview',
  title: 'Sluice: cluster',
  about: 'Whether clients get in, get answers and get media. Details: the dashboards Edges and Media.',
  rows: [
    {
      title: 'Now',
      panels: [
        {
          title: 'Participants',
          unit: 'short',
          kind: 'stat',
          queries: { '': 'cluster:sluice_edge_participants:sum' },
        },
        {
          title: 'Rooms',
          unit: 'short',
          kind: 'stat',
          about: 'By their conductors: a room is live at every edge that has somebody of it.',
          queries: { '': 'sum(sluice_edge_rooms{role="conducted"})' },
        },
        {
          title: 'Edges ready',
          unit: 'short',
          kind: 'stat',
          queries: { '': 'sum(sluice_ready and on (instance) sluice_process_info{process="edge"})' },
        },
        {
          title: 'Media workers up',
          unit: 'short',
          kind: 'stat',
          queries: { '': 'sum(sluice_worker_up)' },
        },
        {
          title: 'Worker load',
          unit: 'percentunit',
          kind: 'stat',
          about: 'Average for access of clients. From 85 % on a worker takes nothing new.',
          queries: { '': 'cluster:sluice_worker_load:avg{purpose="webrtc"}' },
        },
        {
          title: 'Redis reached by',
          unit: 'short',
          kind: 'stat',
          about: 'Processes that reach all of theirs.',
          queries: { '': 'count(min by (instance) (sluice_redis_up) == 1)' },
        },
      ],
    },
    {
      title: 'Clients',
      panels: [
        {
          title: 'Participants',
          unit: 'short',
          about: 'Away: their connection broke, they are kept for their return.',
          queries: { '{{state}}': 'sum by (state) (sluice_edge_participants)' },
        },
        {
          title: 'Connections',
          unit: 'short',
          queries: { '{{protocol}}': 'sum by (protocol) (sluice_edge_connections)' },
        },
        {
          title: 'Requests',
          unit: 'reqps',
          queries: {
            done: 'sum(rate(sluice_edge_requests_total{outcome="ok"}[1m]))',
            'refused: {{outcome}}':
              'sum by (outcome) (rate(sluice_edge_requests_total{outcome!="ok"}[1m])) > 0',
          },
        },
        {
          title: 'Time to answer',
          unit: 's',
          queries: {
            p99: 'cluster:sluice_edge_request_seconds:p99_5m',
            p50: 'histogram_quantile(0.5, sum by (le) (rate(sluice_edge_request_seconds_bucket[5m])))',
          },
        },
        {
          title: 'Clients that came back',
          unit: 'ops',
          about: 'After a break. Here: to the same edge; moved: to another one; refused: too late.',
          queries: { '{{outcome}}': 'sum by (outcome) (rate(sluice_edge_resumes_total[5m]))' },
        },
        {
          title: 'Events of rooms',
          unit: 'ops',
          queries: {
            events: 'cluster:sluice_room_events:rate1m',
            'decided again': 'sum(rate(sluice_room_append_conflicts_total[1m]))',
          },
        },
      ],
    },
    {
      title: 'Media',
      panels: [
        {
          title: 'Traffic with clients',
          unit: 'bps',
          queries: { '{{direction}}': 'cluster:sluice_worker_bits:rate1m' },
        },
        {
          title: 'Loss',
          unit: 'percentunit',
          queries: {
            '{{direction}}':
              'sum by (direction) (rate(sluice_worker_packets_lost_total[5m])) / sum by (direction) (rate(sluice_worker_packets_total[5m]))',
          },
        },
        {
          title: 'Load of workers',
          unit: 'percentunit',
          max: 1,
          queries: { '{{purpose}}': 'cluster:sluice_worker_load:avg' },
        },
      ],
    },
    {
      title: 'Processes',
      panels: [
        {
          title: 'Up',
          unit: 'short',
          queries: { '{{process}}': 'count by (process) (sluice_process_info)' },
        },
        {
          title: 'Round trip to Redis, p90',
          unit: 's',
          queries: {
            '{{instance}} {{store}}':
              'histogram_quantile(0.9, sum by (le, instance, store) (rate(sluice_redis_round_trip_seconds_bucket[5m])))',
          },
        },
        {
          title: 'Log lines',
          unit: 'ops',
          queries: { '{{level}}': 'sum by (level) (rate(sluice_log_lines_total[5m]))' },
        },
      ],
    },
  ],
};
