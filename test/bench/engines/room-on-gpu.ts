// Owns one benchmarked room on the GPU of this process (a simulated one: test/gpu): arguments are the file of its participants,
// their number, the side of the grid, the device and how many pictures of each; prints what came of it.
import { readFileSync } from 'node:fs';
import { deserialize } from 'node:v8';
import { loadAddon } from '../../../native/load-addon.ts';
import { nativeCapabilities } from '../../../workers/engine/native/native-capabilities.ts';
import { NativeEngine } from '../../../workers/engine/native/native-engine.ts';
import type { Participant } from '../rooms/made-room.ts';
import { gridView, runRoom } from '../rooms/our-room.ts';

const [file = '', count = '', side = '', device = '', pictures = ''] = process.argv.slice(2);
// Written by engines.ts of the same build.
const participants = deserialize(readFileSync(file)) as Participant[];
const loaded = loadAddon();
if (loaded.addon === undefined) throw new Error(loaded.reason);
const { addon } = loaded;
const capabilities = nativeCapabilities(addon.probe({ engine: 'vaapi', device }));
const engine = new NativeEngine({ addon, id: 'vaapi', device, capabilities });
const { frames } = await runRoom(
  engine,
  gridView(Number(count), Number(side), 2000),
  participants
    .slice(0, Number(count))
    .map((each) => ({ ...each, pictures: each.pictures.slice(0, Number(pictures)) })),
);
console.log(JSON.stringify({ frames }));
process.exit(0);
