// Owns how findings look on a terminal. Pure.
import type { EngineReport, WorkingEngine } from '../../workers/devices/engine-report.ts';
import { advice } from './advice.ts';
import { hasWorkingGpu, type DeviceFinding, type Findings } from './findings.ts';

/** Lines of text, the last without an end. */
export function showFindings(findings: Findings): string {
  const { devices, software, order } = findings;
  const wasm = software.find(({ engine }) => engine === 'wasm');
  const missing = advice(findings);
  const paragraphs = [
    verdict(findings),
    ...devices.map((device) => showDevice(device, wasm)),
    [
      'Software',
      ...software.flatMap((report) => indent(showReport(report, wasm))),
      ...(findings.hasAddon ? [] : indent(['cpu not tried: the native engine is not built'])),
    ].join('\n'),
    `Order for the first worker: ${order.map(({ id, device }) => (device === undefined ? id : `${id} on ${device}`)).join(', ') || 'wasm'}`,
    ...(missing.length === 0 ? [] : ['What is missing for a GPU, and what to do']),
    ...missing.map(wrapped),
  ];
  return paragraphs.join('\n\n');
}

/** What an operator wants to know first. */
function verdict(findings: Findings): string {
  const { devices, order } = findings;
  const makers = order.map(({ id }) => id).join(', else ') || 'wasm';
  if (hasWorkingGpu(findings)) {
    const used = order.filter(({ device }) => device !== undefined);
    return used.length > 0
      ? `A GPU works and is used: ${used.map(({ id, device = '' }) => `${id} on ${device}`).join(', ')}.`
      : `A GPU works, but media.engines does not name it: pictures are made by ${makers}.`;
  }
  const which = devices.length === 0 ? 'There is no GPU here' : 'No GPU here works';
  return `${which}. Everything works without one: pictures are made by ${makers}.`;
}

const columns = 100;

/** Lines of no more words than fit; those that begin with a space are commands and stay whole. */
function wrapped(paragraph: string): string {
  return paragraph.split('\n').flatMap(wrappedLine).join('\n');
}

function wrappedLine(line: string): readonly string[] {
  if (line.startsWith(' ')) return [line];
  const lines: string[] = [];
  for (const word of line.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function showDevice(device: DeviceFinding, wasm: EngineReport | undefined): string {
  const { path, pciId = 'not on PCI', slot, driver = 'unknown', frequencyMhz, memoryBytes, reports } = device;
  const where = slot === undefined ? '' : ` at ${slot}`;
  const clocks = Object.entries(frequencyMhz).map(([part, mhz]) => `${part} at ${mhz} MHz`);
  const memory = memoryBytes === undefined ? [] : [`${Math.round(memoryBytes / 2 ** 20)} MiB of its own`];
  const figures = [...clocks, ...memory].join(', ');
  return [
    `${path}   ${pciId}${where}, kernel driver ${driver}`,
    ...(figures === '' ? [] : indent([figures])),
    ...(reports.length === 0 ? indent(['not tried: the native engine is not built']) : []),
    ...reports.flatMap((report) => indent(showReport(report, wasm))),
  ].join('\n');
}

function showReport(report: EngineReport, wasm: EngineReport | undefined): readonly string[] {
  const { engine, outcome, probe } = report;
  const names = [probe?.vendor, probe?.addon].filter((name) => name !== undefined && name !== '').join(', ');
  return [
    `${engine} ${outcome === 'works' ? 'works' : `fails: ${report.reason}`}${names === '' ? '' : ` (${names})`}`,
    ...(probe === undefined
      ? []
      : indent([`decodes ${codecs(report, 'decode')}`, `encodes ${codecs(report, 'encode')}`])),
    ...(outcome === 'works' ? indent(showTest(report, wasm)) : []),
  ];
}

function showTest({ engine, test }: WorkingEngine, wasm: EngineReport | undefined): readonly string[] {
  const { psnrDb, msPerPicture, cpuMsPerPicture, struck } = test;
  const software =
    engine === 'wasm' || wasm?.outcome !== 'works'
      ? ''
      : `; wasm ${number(wasm.test.msPerPicture)} ms (${number(wasm.test.cpuMsPerPicture)} ms)`;
  return [
    `a picture of 1280×720 of two inputs: ${number(msPerPicture)} ms (${number(cpuMsPerPicture)} ms of processors)${software}`,
    ...(engine === 'wasm' ? [] : [`self-test: ${number(psnrDb)} dB against software`]),
    ...struck.map(({ codec, direction, reason }) => `not used to ${direction} ${codec}: ${reason}`),
  ];
}

/** Each codec once, with the profiles and ways in brackets that libva calls so. */
function codecs({ probe }: EngineReport, direction: 'decode' | 'encode'): string {
  const ways = new Map<string, Set<string>>();
  for (const { codec, profile, entrypoint } of probe?.[direction] ?? []) {
    const known = ways.get(codec) ?? new Set<string>();
    ways.set(codec, known);
    const way = [profile, entrypoint].flatMap((name) => name?.replace(/^VA(Profile|Entrypoint)/, '') ?? []);
    if (way.length > 0) known.add(way.join(' '));
  }
  const texts = [...ways].map(([codec, known]) =>
    known.size === 0 ? codec : `${codec} (${[...known].join(', ')})`,
  );
  return texts.join(', ') || 'nothing';
}

const number = (value: number): string => value.toFixed(1);

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
