// Owns one service's way to the server: under its id, with its key, under another name where its own is taken.
import { type ManagementClient, refusalText } from '../rest/management-client.ts';
import type { OwtService } from './owt-service.ts';
import { ImportError } from './room-batches.ts';
import type { Told } from './report.ts';

/** What became of it. Rejects with ImportError when the credentials are not those of the super service. */
export async function moveService(
  client: ManagementClient,
  { id, name, key }: OwtService,
  dryRun: boolean,
): Promise<Pick<Told, 'outcome' | 'reason' | 'notes'>> {
  const known = await client.ask('GET', `/services/${id}`);
  if (known.status === 403)
    throw new ImportError('only the super service may bring services: give its id and key');
  if (known.status === 200) {
    if (key === undefined) return { outcome: 'exists', notes: ['its exported key cannot be read'] };
    const own = await client.askAs({ service: id, key }, 'GET', `/services/${id}`);
    return {
      outcome: 'exists',
      notes: own.status === 200 ? [] : ['it has another key here than in the file'],
    };
  }
  if (key === undefined)
    return { outcome: 'refused', reason: 'its key was encrypted with another key; give it with --keys' };

  const notes =
    name === 'superService' ? ['it manages its own rooms, but no services: this server’s own does'] : [];
  const taken = await names(client);
  const free = taken.has(name) ? `${name}-${id.slice(-6)}` : name;
  if (free !== name) notes.unshift(`its name is taken here: it is called ${free}`);
  if (dryRun) return { outcome: 'created', notes };
  const made = await client.ask('POST', '/services', { _id: id, name: free, key });
  if (made.status === 200) return { outcome: 'created', notes };
  return { outcome: 'refused', reason: refusalText(made) };
}

async function names(client: ManagementClient): Promise<ReadonlySet<unknown>> {
  const { body } = await client.ask('GET', '/services');
  const services: readonly unknown[] = Array.isArray(body) ? body : [];
  return new Set(
    services.map((service) =>
      typeof service === 'object' && service !== null && 'name' in service ? service.name : undefined,
    ),
  );
}
