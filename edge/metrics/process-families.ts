// Owns which figures every server process shows of itself.
import { counter, gauge, histogram } from '../../schemas/metric.ts';

export const processFamilies = {
  info: gauge('sluice_process_info', ['process', 'runtime'], 'Always 1: what the process is and runs on'),
  started: gauge('sluice_process_start_time_seconds', [], 'When it started, seconds since 1970'),
  cpu: counter('sluice_process_cpu_seconds_total', ['mode'], 'Processor time: user or system'),
  memory: gauge('sluice_process_resident_memory_bytes', [], 'Memory of the process'),
  heap: gauge('sluice_process_heap_bytes', [], 'JavaScript heap in use'),
  loopDelay: histogram(
    'sluice_event_loop_delay_seconds',
    [],
    'How late a timer is that is due ten times a second',
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  ),
  ready: gauge('sluice_ready', [], 'What /readyz says: 1 while it takes new clients or work'),
  draining: gauge('sluice_draining', [], '1 from the first signal to end on'),
  logLines: counter('sluice_log_lines_total', ['level'], 'Log lines by level, written or not'),
  dropped: counter(
    'sluice_metrics_dropped_total',
    [],
    'Counts without a place because a metric had too many labels: always 0 unless there is a mistake',
  ),
} as const;
