// Owns which render nodes the machine has, and what Linux knows of each without opening it.
import { join } from 'node:path';
import { namesIn, readText } from './read-text.ts';

export interface RenderNode {
  /** Such as /dev/dri/renderD128. */
  readonly path: string;
  /** Of the kernel, such as i915, xe or amdgpu. */
  readonly driver: string | undefined;
  /** Where it is plugged in, such as 0000:00:02.0; undefined for what is not on PCI. */
  readonly slot: string | undefined;
  /** Vendor and device in lower case, such as 8086:9a49. */
  readonly pciId: string | undefined;
}

const mostNodes = 16;

/** Lowest number first. `root`: where the machine's files are, for tests. */
export function renderNodes(root = '/'): readonly RenderNode[] {
  return namesIn(join(root, 'dev/dri'))
    .filter((name) => /^renderD\d{1,3}$/.test(name))
    .sort((one, other) => Number(one.slice(7)) - Number(other.slice(7)))
    .slice(0, mostNodes)
    .map((name) => {
      const told = variables(readText(join(root, 'sys/class/drm', name, 'device/uevent')) ?? '');
      return {
        path: `/dev/dri/${name}`,
        driver: told.get('DRIVER'),
        slot: told.get('PCI_SLOT_NAME'),
        pciId: told.get('PCI_ID')?.toLowerCase(),
      };
    });
}

function variables(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const [, name, value] = /^([A-Z_]{1,64})=([\w:.-]{1,64})$/.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}
