// Owns the dashboard of edges: signaling, management, Redis and the process, for chosen instances.
import type { Dashboard } from './dashboard.ts';
import { graph } from './panel.ts';

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
        graph('Connections', 'short', {
          '{{instance}} {{protocol}}': `sum by (instance, protocol) (sluice_edge_connections{${here}})`,
        }),
        graph(
          'Begun and ended',
          'ops',
          {
            'begun: {{protocol}}': rate('sluice_edge_connections_total', 'protocol'),
            'ended: {{reason}}': rate('sluice_edge_disconnects_total', 'reason'),
          },
          { about: 'Moved: sent to another edge; lost: by the client or its network.' },
        ),
        graph('Participants and rooms', 'short', {
          '{{instance}} {{state}}': `sum by (instance, state) (sluice_edge_participants{${here}})`,
          '{{instance}} rooms {{role}}': `sum by (instance, role) (sluice_edge_rooms{${here}})`,
        }),
      ],
    },
    {
      title: 'Requests of clients',
      panels: [
        graph('Requests', 'reqps', { '{{verb}}': rate('sluice_edge_requests_total', 'verb') }),
        graph('Time to answer, p99', 's', {
          '{{verb}}': quantile(0.99, 'sluice_edge_request_seconds', 'verb'),
        }),
        graph('Refused', 'reqps', {
          '{{verb}} {{outcome}}': rate('sluice_edge_requests_total', 'verb, outcome', ',outcome!="ok"'),
        }),
        graph('Came back', 'ops', {
          '{{protocol}} {{outcome}}': rate('sluice_edge_resumes_total', 'protocol, outcome'),
          'hand-over {{direction}} {{outcome}}': rate('sluice_edge_hand_overs_total', 'direction, outcome'),
        }),
        graph('In flight', 'short', {
          '{{instance}} clients': `sluice_edge_requests_in_flight{${here}}`,
          '{{instance}} HTTP': `sluice_http_requests_in_flight{${here}}`,
        }),
        graph('Tokens and tickets', 'ops', {
          made: `sum(rate(sluice_tokens_issued_total{${here}}[1m]))`,
          'brought: {{outcome}}': rate('sluice_tokens_redeemed_total', 'outcome'),
          'tickets: {{outcome}}': rate('sluice_tickets_opened_total', 'outcome'),
        }),
      ],
    },
    {
      title: 'Rooms and scheduling',
      panels: [
        graph('Events appended', 'ops', {
          '{{instance}}': rate('sluice_room_events_total', 'instance'),
          '{{instance}} too late': rate('sluice_room_append_conflicts_total', 'instance'),
        }),
        graph('Time of an append, p99', 's', {
          '{{instance}}': quantile(0.99, 'sluice_room_append_seconds', 'instance'),
        }),
        graph('Requests to other processes', 'reqps', {
          '{{kind}} {{outcome}}': rate('sluice_bus_requests_total', 'kind, outcome'),
        }),
        graph('Their answers, p99', 's', {
          '{{kind}}': quantile(0.99, 'sluice_bus_request_seconds', 'kind'),
        }),
        graph(
          'Workers picked',
          'ops',
          { '{{purpose}} {{outcome}}': rate('sluice_scheduling_picks_total', 'purpose, outcome') },
          { about: 'None: nobody is free or matches ISP, region or codecs.' },
        ),
        graph('Time of a pick, p99', 's', {
          '{{instance}}': quantile(0.99, 'sluice_scheduling_pick_seconds', 'instance'),
        }),
      ],
    },
    {
      title: 'Management interface and pages',
      panels: [
        graph('Requests', 'reqps', {
          '{{method}} {{route}}': rate('sluice_http_requests_total', 'method, route'),
        }),
        graph('Statuses', 'reqps', { '{{status}}': rate('sluice_http_requests_total', 'status') }),
        graph('Time to answer, p99', 's', {
          '{{route}}': quantile(0.99, 'sluice_http_request_seconds', 'route'),
        }),
      ],
    },
    {
      title: 'Redis',
      panels: [
        graph('Reached', 'short', { '{{instance}} {{store}}': `sluice_redis_up{${here}}` }, { max: 1 }),
        graph('Commands that wait', 'short', {
          '{{instance}} {{store}}': `sluice_redis_waiting_commands{${here}}`,
        }),
        graph('Trouble', 'ops', {
          '{{store}} errors': rate('sluice_redis_errors_total', 'store'),
          '{{store}} connects': rate('sluice_redis_connects_total', 'store'),
          '{{store}} resubscribes': rate('sluice_redis_resubscribes_total', 'store'),
        }),
      ],
    },
    {
      title: 'Process',
      panels: [
        graph('Processor', 'percentunit', {
          '{{instance}}': rate('sluice_process_cpu_seconds_total', 'instance'),
        }),
        graph('Memory', 'bytes', {
          '{{instance}}': `sluice_process_resident_memory_bytes{${here}}`,
          '{{instance}} heap': `sluice_process_heap_bytes{${here}}`,
        }),
        graph(
          'Event loop delay, p99',
          's',
          { '{{instance}}': quantile(0.99, 'sluice_event_loop_delay_seconds', 'instance') },
          { about: 'Everything waits for that long at times.' },
        ),
      ],
    },
  ],
};
