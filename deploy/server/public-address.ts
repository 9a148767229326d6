// Owns the address that join tokens carry when a request does not bring its own.
import { networkInterfaces } from 'node:os';
import { SluiceError } from '../../schemas/error.ts';
import { type PortalAddress, portalAddress } from '../../edge/tokens/portal-address.ts';
import { type Settings, tokensAreSecure } from '../settings/settings.ts';

const anyAddress = new Set(['0.0.0.0', '::', '']);

/**
 * The first of: `public.via_host`, `public.hostname`, `public.ip_address`, the address of `public.network_interface`, the
 * one listened on, the machine's first. `ports` are those listened on. Throws SluiceError `bad-request` when
 * `public.via_host` is no http(s) URL or there is no such interface.
 */
export function publicAddress(
  settings: Settings,
  ports: { readonly httpPort?: number; readonly httpsPort?: number },
): PortalAddress {
  const secure = tokensAreSecure(settings);
  const { host } = secure ? settings.https : settings.http;
  return portalAddress({
    viaHost: settings.public.via_host,
    hostname: settings.public.hostname,
    ip: settings.public.ip_address || interfaceAddress(settings.public.network_interface, host),
    port: (secure ? ports.httpsPort : ports.httpPort) ?? 0,
    secure,
  });
}

function interfaceAddress(name: string, listening: string): string {
  if (name === '') return anyAddress.has(listening) ? firstAddress() : listening;
  const addresses = networkInterfaces()[name] ?? [];
  const found = addresses.find(({ family }) => family === 'IPv4') ?? addresses[0];
  if (found === undefined) {
    throw new SluiceError(
      'bad-request',
      `public.network_interface: there is no interface ${name} with an address`,
    );
  }
  return found.address;
}

/** Where nothing is configured, clients come the way the request for their token came: that one works. */
export function isAddressGiven({ public: given }: Settings): boolean {
  const { hostname, ip_address, network_interface, via_host, secure } = given;
  return (
    secure !== undefined || [hostname, ip_address, network_interface, via_host].some((each) => each !== '')
  );
}

/** The first IPv4 address that others can reach, else loopback. */
export function firstAddress(): string {
  const found = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  return found?.address ?? '127.0.0.1';
}
