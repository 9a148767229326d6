// Owns the dashboard of edges: signaling, management, Redis and the process, for chosen instances.
import type { Dashboard } from './dashboard.ts';

const here = 'instance=~"$instance"';

/** A quantile of a histogram over five minutes, apart by `label`. */
const quantile = (of: number, metric: string, label: string): string =>
  `histogram_quantile(${of}, sum by (le, ${label}) (rate(${metric}_bucket{${here}}[5m])))`;
const rate = (metric: string, labels: string, filter = ''): string =>
  `sum by (${labels}) (rate(${metric}{${here}${filter}}[1m]))`;

export const edges: Dashboard = {
  uid: 'sluice-edges',
  title: 'Sluice: edges',
  about: 'Signaling, management interface, scheduling and the way to Redis.',
  instances: 'sluice_process_info{process=~"edge|standalone"}',
  rows: [
    {
      title: 'Connections',
      panels: [
        {
          title: 'Connections',
          unit: 'short',
          queries: {
            '{{instance}} {{protocol}}': `sum by (instance, protocol) (sluice_edge_connections{${here}})`,
          },
        },
        {
          title: 'Begun and ended',
          unit: 'ops',
          about: 'Moved: sent to another edge; lost: by the client or its network.',
          queries: {
            'begun: {{protocol}}': rate('sluice_edge_connections_total', 'protocol'),
            'ended: {{reason}}': rate('sluice_edge_disconnects_total', 'reason'),
          },
        },
        {
          title: 'Participants and rooms',
          unit: 'short',
          queries: {
            '{{instance}} {{state}}': `sum by (instance, state) (sluice_edge_participants{${here}})`,
            '{{instance}} rooms {{role}}': `sum by (instance, role) (sluice_edge_rooms{${here}})`,
          },
        },
      ],
    },
    {
      title: 'Requests of clients',
      panels: [
        {
          title: 'Requests',
          unit: 'reqps',
          queries: { '{{verb}}': rate('sluice_edge_requests_total', 'verb') },
        },
        {
          title: 'Time to answer, p99',
          unit: 's',
          queries: { '{{verb}}': quantile(0.99, 'sluice_edge_request_seconds', 'verb') },
        },
        {
          title: 'Refused',
          unit: 'reqps',
          queries: {
            '{{verb}} {{outcome}}': rate('sluice_edge_requests_total', 'verb, outcome', ',outcome!="ok"'),
          },
        },
        {
          title: 'Came back',
          unit: 'ops',
          queries: {
            '{{protocol}} {{outcome}}': rate('sluice_edge_resumes_total', 'protocol, outcome'),
            'hand-over {{direction}} {{outcome}}': rate('sluice_edge_hand_overs_total', 'direction, outcome'),
          },
        },
        {
          title: 'In flight',
          unit: 'short',
          queries: {
            '{{instance}} clients': `sluice_edge_requests_in_flight{${here}}`,
            '{{instance}} HTTP': `sluice_http_requests_in_flight{${here}}`,
          },
        },
        {
          title: 'Tokens and tickets',
          unit: 'ops',
          queries: {
            made: `sum(rate(sluice_tokens_issued_total{${here}}[1m]))`,
            'brought: {{outcome}}': rate('sluice_tokens_redeemed_total', 'outcome'),
            'tickets: {{outcome}}': rate('sluice_tickets_opened_total', 'outcome'),
          },
        },
      ],
    },
    {
      title: 'Rooms and scheduling',
      panels: [
        {
          title: 'Events appended',
          unit: 'ops',
          queries: {
            '{{instance}}': rate('sluice_room_events_total', 'instance'),
            '{{instance}} too late': rate('sluice_room_append_conflicts_total', 'instance'),
          },
        },
        {
          title: 'Time of an append, p99',
          unit: 's',
          queries: { '{{instance}}': quantile(0.99, 'sluice_room_append_seconds', 'instance') },
        },
        {
          title: 'Requests to other processes',
          unit: 'reqps',
          queries: { '{{kind}} {{outcome}}': rate('sluice_bus_requests_total', 'kind, outcome') },
        },
        {
          title: 'Their answers, p99',
          unit: 's',
          queries: { '{{kind}}': quantile(0.99, 'sluice_bus_request_seconds', 'kind') },
        },
        {
          title: 'Workers picked',
          unit: 'ops',
          about: 'None: nobody is free or matches ISP, region or codecs.',
          queries: { '{{purpose}} {{outcome}}': rate('sluice_scheduling_picks_total', 'purpose, outcome') },
        },
        {
          title: 'Time of a pick, p99',
          unit: 's',
          queries: { '{{instance}}': quantile(0.99, 'sluice_scheduling_pick_seconds', 'instance') },
        },
      ],
    },
    {
      title: 'Management interface and pages',
      panels: [
        {
          title: 'Requests',
          unit: 'reqps',
          queries: { '{{method}} {{route}}': rate('sluice_http_requests_total', 'method, route') },
        },
        {
          title: 'Statuses',
          unit: 'reqps',
          queries: { '{{status}}': rate('sluice_http_requests_total', 'status') },
        },
        {
          title: 'Time to answer, p99',
          unit: 's',
          queries: { '{{route}}': quantile(0.99, 'sluice_http_request_seconds', 'route') },
        },
      ],
    },
    {
      title: 'Redis',
      panels: [
        {
          title: 'Reached',
          unit: 'short',
          max: 1,
          queries: { '{{instance}} {{store}}': `sluice_redis_up{${here}}` },
        },
        {
          title: 'Commands that wait',
          unit: 'short',
          queries: { '{{instance}} {{store}}': `sluice_redis_waiting_commands{${here}}` },
        },
        {
          title: 'Trouble',
          unit: 'ops',
          queries: {
            '{{store}} errors': rate('sluice_redis_errors_total', 'store'),
            '{{store}} connects': rate('sluice_redis_connects_total', 'store'),
            '{{store}} resubscribes': rate('sluice_redis_resubscribes_total', 'store'),
          },
        },
      ],
    },
    {
      title: 'Process',
      panels: [
        {
          title: 'Processor',
          unit: 'percentunit',
          queries: { '{{instance}}': rate('sluice_process_cpu_seconds_total', 'instance') },
        },
        {
          title: 'Memory',
          unit: 'bytes',
          queries: {
            '{{instance}}': `sluice_process_resident_memory_bytes{${here}}`,
            '{{instance}} heap': `sluice_process_heap_bytes{${here}}`,
          },
        },
        {
          title: 'Event loop delay, p99',
          unit: 's',
          about: 'Everything waits for that long at times.',
          queries: { '{{instance}}': quantile(0.99, 'sluice_event_loop_delay_seconds', 'instance') },
        },
      ],
    },
  ],
};
