// Owns which figures a relay shows of itself.
import { counter, gauge } from '../../schemas/metric.ts';

export const relayFamilies = {
  homeUp: gauge(
    'sluice_relay_home_up',
    [],
    '1 while the home Redis is reached, for commands and for listening',
  ),
  clients: gauge('sluice_relay_clients', [], 'Connections of edges and workers'),
  channels: gauge('sluice_relay_channels', [], 'Channels listened to at the home'),
  waiting: gauge('sluice_relay_waiting_commands', [], 'Commands without an answer yet'),
  passed: counter('sluice_relay_commands_total', [], 'Commands passed on to the home'),
  refused: counter('sluice_relay_refused_total', [], 'Requests that cannot be shared or lacked the password'),
  delivered: counter(
    'sluice_relay_messages_total',
    [],
    'Messages given to those who listen, each counted for itself',
  ),
  cut: counter(
    'sluice_relay_cut_total',
    [],
    'Connections ended here: too slow, too late, or because the home may have been missed',
  ),
} as const;
