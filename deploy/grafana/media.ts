// Owns the dashboard of media workers: capacity, traffic and its loss, links, mixing; and of relays between regions.
import type { Dashboard } from './dashboard.ts';
import { graph } from './panel.ts';

const here = 'instance=~"$instance"';
const rate = (metric: string, labels = 'instance, worker, direction'): string =>
  `sum by (${labels}) (rate(${metric}{${here}}[1m]))`;
const byWorker = '{{instance}} {{worker}}';

export const media: Dashboard = {
  uid: 'sluice-media',
  title: 'Sluice: media',
  about: 'What media workers carry, mix and cost. A worker is named by its host and its index there.',
  instances: 'sluice_process_info{process=~"worker|relay|standalone"}',
  rows: [
    {
      title: 'Capacity',
      panels: [
        graph(
          'Load',
          'percentunit',
          { [`${byWorker} {{purpose}}`]: `sluice_worker_load{${here}}` },
          {
            about:
              'As scheduling sees it. From cluster.max_load on, 85 % by default, a worker takes nothing new.',
            max: 1,
          },
        ),
        graph('Processor', 'percentunit', {
          [byWorker]: rate('sluice_worker_cpu_seconds_total', 'instance, worker'),
        }),
        graph(
          'Media thread late by, p90',
          's',
          {
            [byWorker]: `sluice_worker_event_loop_delay_seconds{${here}}`,
            [`${byWorker} overloaded`]: `sluice_worker_overloaded{${here}} > 0`,
          },
          { about: 'From some 100 ms on media suffers; then it is overloaded and takes nothing new.' },
        ),
        graph('Workers', 'short', {
          '{{instance}} up': `sum by (instance) (sluice_worker_up{${here}})`,
          '{{instance}} replaced in 5 min': `sum by (instance) (increase(sluice_worker_restarts_total{${here}}[5m]))`,
        }),
        graph('Memory', 'bytes', { [byWorker]: `sluice_worker_resident_memory_bytes{${here}}` }),
        graph('Rooms', 'short', { [byWorker]: `sluice_worker_rooms{${here}}` }),
      ],
    },
    {
      title: 'Clients',
      panels: [
        graph('Peer connections', 'short', { [byWorker]: `sluice_worker_transports{${here}}` }),
        graph('RTP streams', 'short', {
          [`${byWorker} received`]: `sluice_worker_sources{${here}}`,
          [`${byWorker} sent`]: `sluice_worker_sinks{${here}}`,
        }),
        graph('Traffic', 'bps', {
          [`${byWorker} {{direction}}`]: `8 * ${rate('sluice_worker_bytes_total')}`,
        }),
        graph('Packets', 'pps', { [`${byWorker} {{direction}}`]: rate('sluice_worker_packets_total') }),
        graph('Loss', 'percentunit', {
          [`${byWorker} {{direction}}`]: `${rate('sluice_worker_packets_lost_total')} / ${rate('sluice_worker_packets_total')}`,
        }),
        graph('Repair', 'pps', {
          'sent again {{direction}}': rate('sluice_worker_retransmissions_total', 'direction'),
          'asked for again {{direction}}': rate('sluice_worker_nacks_total', 'direction'),
          'key frames asked for {{direction}}': rate('sluice_worker_plis_total', 'direction'),
        }),
      ],
    },
    {
      title: 'Links between workers',
      panels: [
        graph('Links', 'short', { [`${byWorker} {{state}}`]: `sluice_worker_links{${here}}` }),
        graph('Traffic', 'bps', {
          [`${byWorker} {{direction}}`]: `8 * ${rate('sluice_worker_link_bytes_total')}`,
        }),
        graph('Loss', 'percentunit', {
          [`${byWorker} {{direction}}`]: `${rate('sluice_worker_link_packets_lost_total')} / ${rate('sluice_worker_link_packets_total')}`,
        }),
      ],
    },
    {
      title: 'Mixing',
      panels: [
        graph('Mixers and transcoders', 'short', {
          [`${byWorker} {{kind}}`]: `sluice_worker_mixers{${here}}`,
        }),
        graph(
          'Work for a picture, or for 20 ms of sound',
          's',
          { [`${byWorker} {{kind}} p{{quantile}}`]: `sluice_worker_mix_seconds{${here}}` },
          { about: 'Of the slowest mixer. Sound has 20 ms; a picture at 30 a second 33 ms.' },
        ),
        graph('Pictures', 'ops', {
          [`${byWorker} {{state}}`]: `sluice_worker_mix_frames_per_second{${here}}`,
          [`${byWorker} rebuilt`]: rate('sluice_worker_mix_rebuilds_total', 'instance, worker'),
        }),
      ],
    },
    {
      title: 'Engines',
      panels: [
        graph('Mixers by engine', 'short', {
          [`${byWorker} {{engine}}`]: `sluice_worker_mix_engines{${here}}`,
          [`${byWorker} fallbacks`]: rate('sluice_worker_mix_fallbacks_total', 'instance, worker'),
        }),
        graph(
          'GPU in use',
          'percentunit',
          { [`${byWorker} {{unit}}`]: `sluice_worker_gpu_busy_ratio{${here}}` },
          { about: 'By this worker alone; nothing where Linux does not tell.' },
        ),
        graph('Memory of the GPU in use', 'bytes', {
          [`${byWorker} {{region}}`]: `sluice_worker_gpu_memory_bytes{${here}}`,
        }),
        graph(
          'GPU taken',
          'percentunit',
          {
            [byWorker]: `sluice_worker_gpu_taken_ratio{${here}}`,
            [`${byWorker} {{state}}`]: `sluice_worker_gpu_state{${here}, state!="used"} > 0`,
          },
          {
            about:
              'Of the part of its GPU that a worker may use, by measured time. What has no room is made in software. A line named after a state: drained by an operator, or left out after failures.',
          },
        ),
        graph(
          'Work for a picture, p99',
          's',
          {
            [`${byWorker} {{engine}} {{stage}}`]: `sluice_worker_mix_stage_seconds{${here}, quantile="0.99"}`,
          },
          { about: 'Of the slowest mixer of each engine.' },
        ),
        graph('Engines', 'short', {
          [`${byWorker} {{engine}} working`]: `sluice_worker_mix_engine_busy{${here}}`,
          [`${byWorker} {{engine}} waiting work`]: `sluice_worker_mix_queue{${here}}`,
        }),
      ],
    },
    {
      title: 'Relays between regions',
      panels: [
        graph('Home and clients', 'short', {
          '{{instance}} home reached': `sluice_relay_home_up{${here}}`,
          '{{instance}} clients': `sluice_relay_clients{${here}}`,
          '{{instance}} channels': `sluice_relay_channels{${here}}`,
        }),
        graph('Passed on', 'ops', {
          '{{instance}} commands': rate('sluice_relay_commands_total', 'instance'),
          '{{instance}} messages': rate('sluice_relay_messages_total', 'instance'),
        }),
        graph('Trouble', 'short', {
          '{{instance}} waiting': `sluice_relay_waiting_commands{${here}}`,
          '{{instance}} refused in 5 min': `increase(sluice_relay_refused_total{${here}}[5m])`,
          '{{instance}} cut in 5 min': `increase(sluice_relay_cut_total{${here}}[5m])`,
        }),
      ],
    },
  ],
};
