// Owns the address that join tokens carry when a request does not bring its own.
import { networkInterfaces } from 'node:os';
import { type PortalAddress, portalAddress } from '../edge/tokens/portal-address.ts';
import { type Settings, tokensAreSecure } from './settings.ts';

const anyAddress = new Set(['0.0.0.0', '::', '']);

/** `ports` are those listened on. Throws SluiceError `bad-request` when `public.via_host` is no http(s) URL. */
export function publicAddress(
  settings: Settings,
  ports: { readonly httpPort?: number; readonly httpsPort?: number },
): PortalAddress {
  const secure = tokensAreSecure(settings);
  const { host } = secure ? settings.https : settings.http;
  return portalAddress({
    viaHost: settings.public.via_host,
    hostname: settings.public.hostname,
    ip: anyAddress.has(host) ? firstAddress() : host,
    port: (secure ? ports.httpsPort : ports.httpPort) ?? 0,
    secure,
  });
}

/** The first IPv4 address that others can reach, else loopback. */
export function firstAddress(): string {
  const found = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal);
  return found?.address ?? '127.0.0.1';
}
