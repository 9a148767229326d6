// Owns what a process has to do with the registries of all homes on its own behalf: each home has one of all workers and
// edges, from which its rooms pick.
import type { Homes } from '../store/homes.ts';
import type { Registry } from '../store/registry.ts';

/**
 * Removes in every home. Watches the home of this process alone: one that is cut off from it may take for lost who is well
 * heard in the others.
 */
export function ownRegistries({ all, own, of }: Homes): Pick<Registry, 'remove' | 'watch'> {
  return {
    async remove(worker, reason) {
      await Promise.all(all.map(({ registry }) => registry.remove(worker, reason)));
    },
    watch: (lost) => of(own).registry.watch(lost),
  };
}
