// Holds the page for operators of OWT (MIGRATION.md) against what there really is: their keys and ours.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSettings } from './settings/settings.ts';

const page = readFileSync(join(import.meta.dirname, 'MIGRATION.md'), 'utf8');
const configuration = page.slice(page.indexOf('## Configuration'), page.indexOf('## Applications'));
const rows = configuration
  .split('\n')
  .filter((line) => line.startsWith('|') && !/^\| *(OWT|-)/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()));
const codes = (text: string) => [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);

/** The keys of an OWT 5.1 server's files; those that all agents share stand once. */
const owtKeys: readonly string[] = [
  ...'server.keystorePath server.superserviceID server.ssl server.port server.numberOfProcess'.split(' '),
  ...'server.enableWebTransport server.hostname server.ip_address server.enable_grpc cluster.name'.split(' '),
  ...'cluster.stream_engine cluster.control_agent rabbit.host rabbit.port mongo.dataBaseURL'.split(' '),
  ...'cascading.enabled cascading.servicename cascading.url cascading.region cascading.clusterID'.split(' '),
  ...'manager.name manager.totalNode manager.electTimeout manager.initial_time'.split(' '),
  ...'manager.check_alive_interval manager.check_alive_count manager.schedule_reserve_time'.split(' '),
  ...'strategy.general strategy.portal strategy.webrtc portal.keystorePath portal.hostname'.split(' '),
  ...'portal.ip_address portal.port portal.ssl portal.force_tls_v12 portal.networkInterface'.split(' '),
  ...'portal.via_host portal.ping_interval portal.ping_timeout portal.reconnection_ticket_lifetime'.split(
    ' ',
  ),
  ...'portal.reconnection_timeout portal.cors portal.stream_engine_name cluster.join_retry'.split(' '),
  ...'cluster.report_load_interval cluster.max_load capacity.isps capacity.regions'.split(' '),
  ...'agent.maxProcesses agent.prerunProcesses internal.ip_address internal.network_interface'.split(' '),
  ...'internal.minport internal.maxport internal.protocol cluster.network_name'.split(' '),
  ...'cluster.network_max_scale webrtc.network_interfaces webrtc.minport webrtc.maxport'.split(' '),
  ...'webrtc.keystorePath webrtc.stunserver webrtc.stunport webrtc.num_workers'.split(' '),
  ...'video.hardwareAccelerated video.enableBetterHEVCQuality video.MFE_timeout avatar.location'.split(' '),
  ...'mix.top_k recording.path recording.initialize_timeout avstream.initialize_timeout'.split(' '),
  ...'analytics.libpath analytics.hardwareAccelerated analytics.HDDL cluster.load_items'.split(' '),
  ...'console.keystorePath console.ssl console.port api.secure api.host'.split(' '),
];

it.each(owtKeys)('says what becomes of %s', (key) => {
  const named = rows.flatMap(([, theirs = '']) => codes(theirs));
  const [table = ''] = key.split('.');
  expect(named.includes(key) || named.includes(`${table}.*`)).toBe(true);
});

const ourKeys = [...page.matchAll(/`([a-z]+(?:\.[a-z_]+)+)`/g)]
  .map(([, key = '']) => key)
  .filter((key) => /^(http|https|public|webrtc|cluster|redis|worker|app|management|tokens|log)\./.test(key));
const right = rows
  .flatMap(([, , ours = '']) => codes(ours))
  .filter((code) => /^[a-z_]+(\.[a-z_]+)*$/.test(code));

it.each([...new Set(right)].filter((code) => ourKeys.includes(code) || code === 'data_dir'))(
  'names a key of ours that there is: %s',
  (key) => {
    // A value of no type: whether the key is known is told before the value is.
    const message = reasonOf(`${key} = [[1]]`);
    expect(message).toContain(key);
    expect(message).not.toContain('there is no such key');
  },
);

it('names many keys of ours', () => {
  expect(new Set(right.filter((code) => ourKeys.includes(code))).size).toBeGreaterThan(20);
  expect(reasonOf('public.nonsense = [[1]]')).toContain('there is no such key');
});

function reasonOf(toml: string): string {
  try {
    readSettings(toml, {});
    return 'accepted';
  } catch (error) {
    return String(error);
  }
}
