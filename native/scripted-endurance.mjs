// Owns what an engine goes through in a process of its own, for endurance.test.ts: a long mix, sessions opened and closed,
// threads terminated in the middle of a picture. Arguments: the addon, JSON with the session's options and how much of each;
// prints what lives at the end, and the memory of the process meanwhile. As a thread it mixes without end.
import { createRequire } from 'node:module';
import { setImmediate } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const [width, height] = [320, 176];
const [canvas, encoder, first, second] = [1, 2, 3, 4];
const layers = Int32Array.of(
  ...[first, 0, 0, width, height, 0, 0, width / 2, height],
  ...[second, 0, 0, width, height, width / 2, 0, width / 2, height],
);
const underWay = 4;

const require = createRequire(import.meta.url);
const [file, text] = isMainThread ? process.argv.slice(2) : workerData;
const { options, frames, sessions, threads } = JSON.parse(text);
const addon = require(file);

/** A session whose events are told one by one, with everything that a mix needs. */
function open(tell) {
  const session = addon.open(options, (events) => events.forEach((event) => tell(event, session)));
  session.openCanvas(canvas, width, height);
  session.openEncoder(encoder, { codec: 'h264', width, height, framerate: 30, bitrateKbps: 1000 });
  for (const id of [first, second]) session.openDecoder(id, 'h264');
  return session;
}

/** What the mix is of: what comes out of it goes in again. */
let unit;

function mix(session, index) {
  if (unit !== undefined) {
    for (const id of [first, second]) session.decode(id, unit.data, index, unit.key);
  }
  session.compose(canvas, (index * 0x050301) & 0xffffff, layers);
  session.encode(encoder, canvas, index * 33, index % 30 === 0);
}

/** Resolves when it is closed. Rejects what must not come: failures. */
function mixOf(count, after = () => undefined) {
  return new Promise((resolve, reject) => {
    let next = 0;
    let made = 0;
    const session = open((event, from) => {
      if (event.type === 'failed') reject(new Error(event.reason));
      if (event.type === 'closed') resolve();
      if (event.type !== 'encoded') return;
      if (event.key) unit = { data: event.data, key: true };
      after(++made);
      if (next < count) mix(from, next++);
      else if (made === count) from.close();
    });
    while (next < Math.min(count, underWay)) mix(session, next++);
  });
}

/** Some with work in the queue. */
async function openAndClose(index) {
  await new Promise((resolve) => {
    const session = open(({ type }) => {
      if (type === 'closed') resolve();
      if (index % 2 === 0 && type === 'encoded') session.close();
    });
    for (let at = 0; at < underWay; at++) mix(session, at);
    if (index % 2 === 1) session.close();
  });
}

async function terminateOne(index) {
  const worker = new Worker(import.meta.filename, { workerData: [file, text] });
  await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  if (index % 2 === 0) await setImmediate();
  await worker.terminate();
}

const megabytes = () => Math.round(process.memoryUsage().rss / 1e6);

if (isMainThread) {
  const rss = [];
  // The beginning fills pools and compiles.
  await mixOf(frames, (made) => {
    if (made % Math.ceil(frames / 5) === 0) rss.push(megabytes());
  });
  for (let index = 0; index < sessions; index++) {
    await openAndClose(index);
    if (index % Math.ceil(sessions / 5) === 0) rss.push(megabytes());
  }
  for (let index = 0; index < threads; index++) await terminateOne(index);
  rss.push(megabytes());
  for (let left = 100; addon.counters().sessions > 0 && left > 0; left--) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  console.log(JSON.stringify({ counters: addon.counters(), rss }));
} else {
  await mixOf(Infinity, () => parentPort.postMessage('made'));
}
