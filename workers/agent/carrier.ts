// Owns which network interface carries a worker's media, from what the machine tells of itself. Pure.

interface Address {
  readonly address: string;
  readonly internal: boolean;
}

/**
 * The interface that has one of `addresses`, else that of the default route (`/proc/net/route`), else the first that leads
 * out; undefined when there is none. Loopback only where media is bound to it.
 */
export function carrier(
  interfaces: Readonly<Record<string, readonly Address[] | undefined>>,
  addresses: readonly string[],
  routes: string,
): string | undefined {
  const all = Object.entries(interfaces);
  const named = all.find(([, has]) => has?.some(({ address }) => addresses.includes(address)));
  const defaultRoute = /^(\S+)\s+00000000\s/m.exec(routes)?.[1];
  const outward = all.find(([, has]) => has?.some(({ internal }) => !internal));
  return named?.[0] ?? defaultRoute ?? outward?.[0];
}
