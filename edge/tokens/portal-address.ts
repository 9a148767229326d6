// Owns which address a join token tells its client to connect to (spec rest-api §6.1 step 3).
import { SluiceError } from '../../schemas/error.ts';

/** `host` is `name:port`; `secure` chooses https and wss. */
export interface PortalAddress {
  readonly host: string;
  readonly secure: boolean;
}

export interface PortalAddressSettings {
  /** URL of a reverse proxy in front of the portal; wins over all else when not empty. */
  readonly viaHost?: string;
  readonly hostname?: string;
  readonly ip: string;
  readonly port: number;
  readonly secure: boolean;
}

/** The address for tokens. Throws SluiceError `bad-request` when `viaHost` is not an http(s) URL. */
export function portalAddress(settings: PortalAddressSettings): PortalAddress {
  const { viaHost = '', hostname = '', ip, port, secure } = settings;
  if (viaHost !== '') return addressOfUrl(viaHost);
  const name = hostname === '' ? ip : hostname;
  // A bare IPv6 address needs brackets before a port can follow.
  const host = name.includes(':') && !name.startsWith('[') ? `[${name}]` : name;
  return { host: `${host}:${String(port)}`, secure };
}

/** The address by which a request reached us, for operators who have configured none. */
export function requestAddress(url: string): PortalAddress {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'https:';
  return { host: `${hostname}:${port === '' ? (secure ? '443' : '80') : port}`, secure };
}

/** Read by hand: URL drops a port that is its scheme's default, but `http://edge:80` must give `edge:80`. */
function addressOfUrl(url: string): PortalAddress {
  const match = /^(https?):\/\/([^/?#\s@]+)(?:[/?#]|$)/i.exec(url);
  if (match?.[1] === undefined || match[2] === undefined || !URL.canParse(url))
    throw new SluiceError('bad-request', `public.via_host: Not an http(s) URL: ${url}`);
  return { host: match[2], secure: match[1].toLowerCase() === 'https' };
}
