// Owns replacing the server's own keys by hand (an extension of ours): reading none of them, and for the super service only.
import { Hono } from 'hono';
import { SluiceError } from '../../schemas/error.ts';
import { keyKinds, type ServerKeysView } from '../../schemas/server-keys.ts';
import type { Random } from '../clock.ts';
import type { Directory } from '../store/directory.ts';
import { rotateServerKey } from '../tokens/server-keys.ts';
import type { ResourceEnv } from './resource-env.ts';

/** Routes relative to `/cluster/keys`. */
export function serverKeyRoutes(
  deps: { readonly directory: Directory; readonly random: Random },
  superService: string,
): Hono<ResourceEnv> {
  const app = new Hono<ResourceEnv>();
  for (const kind of keyKinds) {
    app.post(`/${kind}`, async (c) => {
      if (c.get('caller').service._id !== superService)
        throw new SluiceError('forbidden', 'Permission denied');
      const { current, previous } = await rotateServerKey(deps, kind);
      const shown: ServerKeysView = {
        current: { id: current.id, since: current.since },
        previous: previous.map(({ id, since, until }) => ({
          id,
          since,
          ...(until === undefined ? {} : { until }),
        })),
      };
      return c.json(shown);
    });
  }
  return app;
}
