// Owns one benchmarked room on the GPU of this process (a simulated one: test/gpu): arguments are the file of its participants,
// their number, the side of the grid and the device; prints what came of it.
import { readFileSync } from 'node:fs';
import { deserialize } from 'node:v8';
import { loadAddon } from '../../../native/load-addon.ts';
import { nativeCapabilities } from '../../../workers/engine/native/native-capabilities.ts';
import { NativeEngine } from '../../../workers/engine/native/native-engine.ts';
import type { Participant } from '../rooms/made-room.ts';
import { gridView, runRoom } from '../rooms/our-room.ts';

const [file = '', count = '', side = '', device = ''] = process.argv.slice(2);
const participants: Participant[] = deserialize(readFileSync(file));
const loaded = loadAddon();
if (loaded.addon === undefined) throw new Error(loaded.reason);
const { addon } = loaded;
const capabilities = nativeCapabilities(addon.probe({ engine: 'vaapi', device }));
const engine = new NativeEngine({ addon, id: 'vaapi', device, capabilities });
const { frames } = await runRoom(
  engine,
  gridView(Number(count), Number(side), 2000),
  participants.slice(0, Number(count)),
);
console.log(JSON.stringify({ frames }));
process.exit(0);
