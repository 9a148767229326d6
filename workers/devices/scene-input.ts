// Owns the input of the self-test: the scene, encoded by an engine.
import type { VideoFormat } from '../../schemas/media.ts';
import type { AccessUnit, MediaEngine } from '../engine/engine.ts';
import { inputSize } from './scene-run.ts';
import { scenePicture } from './test-scene.ts';

export interface SceneInput {
  readonly format: VideoFormat;
  readonly units: readonly AccessUnit[];
}

const whole = { x: 0, y: 0, ...inputSize };

/** Rejects with the reason when the engine fails or leaves one out. */
export async function encodeInput(
  engine: MediaEngine,
  format: VideoFormat,
  pictures: number,
): Promise<SceneInput> {
  const units: AccessUnit[] = [];
  await new Promise<void>((resolve, reject) => {
    const draw = async (): Promise<void> => {
      const session = await engine.open((reason) => reject(new Error(reason)));
      const canvas = session.canvas({ size: inputSize, background: { r: 0, g: 0, b: 0 } });
      const finish = (end: () => void): void => {
        session.close();
        end();
      };
      const encoder = session.encoder({
        format,
        size: inputSize,
        framerate: 30,
        bitrateKbps: 3000,
        encoded: ({ data, key, atMs }) => {
          units.push({ data, key, timestamp: atMs });
          if (units.length === pictures) finish(resolve);
        },
        skipped: () => finish(() => reject(new Error(`it left out a picture in ${format.codec}`))),
      });
      for (let index = 0; index < pictures; index++) {
        const picture = session.still(inputSize, scenePicture(inputSize, index));
        canvas.compose([{ picture, tile: { source: whole, destination: whole } }]);
        encoder.encode(canvas, { atMs: index * 33, key: index === 0 });
        picture.close();
      }
    };
    draw().catch(reject);
  });
  return { format, units };
}
