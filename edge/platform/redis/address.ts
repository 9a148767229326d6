// Owns the reading of a Redis URL. What it says of passwords goes to the connection and nowhere else.
import { SluiceError } from '../../../schemas/error.ts';

export interface RedisAddress {
  readonly clustered: boolean;
  readonly tls: boolean;
  /** One server, or some nodes of a cluster from which the others are found. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly username?: string;
  readonly password?: string;
  readonly db: number;
}

const form = /^(rediss?)(-cluster)?:\/\/(?:([^@/]*)@)?([^@/?#]+)(?:\/(\d{0,3}))?$/;
const nodeForm = /^(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9_.-]+))(?::(\d{1,5}))?$/;

/**
 * Reads `redis://user:password@host:port/db`, `rediss://…` (TLS) and, for a Redis Cluster, `redis-cluster://…` and
 * `rediss-cluster://…` with one or more `host:port` between commas. User and password are percent-encoded. Throws
 * SluiceError `bad-request`, without repeating the URL.
 */
export function readRedisUrl(url: string): RedisAddress {
  const found = form.exec(url.trim());
  const [, scheme, cluster, credentials, hosts = '', db = ''] = found ?? [];
  const nodes = hosts.split(',').map(readNode);
  const clustered = cluster !== undefined;
  if (!found) throw malformed('it is not like redis://host:6379/0');
  if (!clustered && nodes.length > 1) throw malformed('only redis-cluster:// may have more than one host');
  if (clustered && Number(db) > 0) throw malformed('a cluster has no numbered databases');
  return {
    clustered,
    tls: scheme === 'rediss',
    nodes,
    ...readCredentials(credentials),
    db: Number(db),
  };
}

function readNode(text: string): { host: string; port: number } {
  const [, v6, name, port = '6379'] = nodeForm.exec(text) ?? [];
  const host = v6 ?? name;
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535) {
    throw malformed('a host is not like name:6379');
  }
  return { host, port: Number(port) };
}

function readCredentials(text: string | undefined): { username?: string; password?: string } {
  if (text === undefined) return {};
  const at = text.indexOf(':');
  // `redis://secret@host` is meant as the password by many, and is the user's name by the standard.
  if (at < 0) throw malformed('what stands before @ must be user:password or :password');
  try {
    const username = decodeURIComponent(text.slice(0, at));
    const password = decodeURIComponent(text.slice(at + 1));
    return { ...(username && { username }), ...(password && { password }) };
  } catch {
    throw malformed('user and password must be percent-encoded');
  }
}

function malformed(why: string): SluiceError {
  return new SluiceError('bad-request', `The Redis URL cannot be used: ${why}`);
}
