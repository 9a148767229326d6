// Owns which figures a worker host shows of its workers' lives; what they tell themselves is schemas/worker-metrics.ts.
import { counter, gauge } from '../../schemas/metric.ts';

export const hostFamilies = {
  up: gauge('sluice_worker_up', ['worker'], '1 while the worker of that index runs'),
  restarts: counter('sluice_worker_restarts_total', ['worker'], 'Workers that died and were replaced'),
} as const;
