// Owns ICE candidate text: what a client's candidate may be, and which of ours are announced. Pure.
import { isIP } from 'node:net';

const shape =
  /^(?:a=)?candidate:([\w+/=-]{1,64}) (\d{1,3}) (\w{1,8}) (\d{1,10}) (\S{1,64}) (\d{1,5}) typ (host|srflx|prflx|relay)(?: .*)?$/i;

/**
 * A client's candidate in the form the ICE agent takes; undefined for what it must not see: TCP, mDNS and other host
 * names (resolving them would let a client make us look up anything), RTCP components, garbage. Clients prefix `a=`.
 */
export function readRemoteCandidate(text: string): string | undefined {
  const match = text.length <= 512 ? shape.exec(text.trim()) : null;
  if (!match) return undefined;
  const [, foundation, component, protocol, priority, address, port, type] = match;
  if (component !== '1' || protocol?.toLowerCase() !== 'udp') return undefined;
  if (address === undefined || isIP(address) === 0) return undefined;
  if (Number(port) < 1 || Number(port) > 65_535 || Number(priority) > 0x7fffffff) return undefined;
  return `candidate:${foundation ?? ''} 1 UDP ${priority ?? ''} ${address} ${port ?? ''} typ ${type?.toLowerCase() ?? ''}`;
}

const loopback = '127.0.0.1';

/**
 * The candidates an answer announces. With `announced` addresses (a host behind one-to-one NAT) it is these and no
 * others; a host without any address but loopback announces that one, because libjuice never gathers it by itself.
 */
export function announcedCandidates(
  gathered: readonly string[],
  announced: readonly string[],
  port: number,
): string[] {
  if (announced.length === 0 && gathered.length > 0) return [...gathered];
  const addresses = announced.length > 0 ? announced : [loopback];
  return addresses.map((address, index) => {
    // RFC 8445 §5.1.2: type preference 126, local preference falling in the order given, component 1.
    const priority = 126 * 2 ** 24 + (65_535 - index) * 2 ** 8 + 255;
    return `candidate:${String(index + 1)} 1 UDP ${String(priority)} ${address} ${String(port)} typ host`;
  });
}
