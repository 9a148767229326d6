// Owns which figures a process shows of its way to Redis and of what it asks others over the bus.
import { counter, gauge, histogram } from '../../schemas/metric.ts';

const buckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

export const redisFamilies = {
  up: gauge('sluice_redis_up', ['store'], '1 while it answers. Stores: rooms, scheduling'),
  roundTrip: histogram('sluice_redis_round_trip_seconds', ['store'], 'A PING, every two seconds', buckets),
  errors: counter('sluice_redis_errors_total', ['store'], 'Commands that failed or had no answer in time'),
  waiting: gauge('sluice_redis_waiting_commands', ['store'], 'Commands without an answer yet'),
  connects: counter('sluice_redis_connects_total', ['store'], 'Connections made, the first included'),
  resubscribes: counter(
    'sluice_redis_resubscribes_total',
    ['store'],
    'Subscriptions restored after a lost connection',
  ),
  busRequests: counter(
    'sluice_bus_requests_total',
    ['kind', 'outcome'],
    'Requests to other processes: worker, forward (a command, to the conductor), hand-over, edge. Outcome: ok or an error code',
  ),
  busSeconds: histogram('sluice_bus_request_seconds', ['kind'], 'Until their answer', buckets),
} as const;
