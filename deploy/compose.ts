// Owns what a standalone server is made of: every part on in-process ports, one listener, one supervised media worker.
// The process around it is standalone.ts.
import { join } from 'node:path';
import type { Log } from '../edge/clock.ts';
import { watchWorkers } from '../edge/cluster/worker-watch.ts';
import { managementApp } from '../edge/management/app.ts';
import { ensureServices } from '../edge/management/first-run.ts';
import { createMemoryPorts } from '../edge/platform/memory/ports.ts';
import { nodeClock } from '../edge/platform/node/clock.ts';
import { createFilePersistence } from '../edge/platform/node/file-persistence.ts';
import { nodeRandom } from '../edge/platform/node/random.ts';
import { startServer } from '../edge/platform/node/server.ts';
import { createPortal } from '../edge/portal/portal.ts';
import { createRooms } from '../edge/rooms/rooms.ts';
import type { PortalAddress, TokenAddress } from '../edge/tokens/portal-address.ts';
import { createTickets } from '../edge/tokens/ticket.ts';
import { createTokens } from '../edge/tokens/tokens.ts';
import { webApp } from '../edge/web/routes.ts';
import { type Bus, channels } from '../schemas/bus.ts';
import { readAssets } from './assets.ts';
import { certificate } from './certificate.ts';
import { frontDoor } from './front-door.ts';
import { firstAddress, publicAddress } from './public-address.ts';
import type { Settings } from './settings.ts';
import { superviseWorker } from './worker-supervisor.ts';
import { watchTranscoders } from './watch-transcoders.ts';
import { workerEnvironment } from './worker-environment.ts';

export interface Standalone {
  /** The page on this machine. */
  readonly url: string;
  /** The page for other machines. */
  readonly httpsUrl?: string;
  readonly selfSigned: boolean;
  /** Where all join tokens send clients; absent: where the request for the token came to. */
  readonly tokenAddress?: PortalAddress;
  readonly services: Awaited<ReturnType<typeof ensureServices>>;
  /** Ends everything that was started, in order; clients are told. Idempotent. */
  close(): Promise<void>;
}

const edge = 'edge-1';
const workerPatienceMs = 700;
/** A worker that takes longer does not hold up the start. */
const firstWorkerMs = 2_000;
/** A room that opens before the first worker has said what it can do waits for that so long. */
const firstAbilitiesMs = 10_000;

/**
 * Starts everything; `workerChanged` is told the pid of the media worker at each start and without one at each death.
 * Rejects when it cannot listen, with nothing left running.
 */
export async function startStandalone(
  settings: Settings,
  log: Log,
  workerChanged: (pid: number | undefined) => void,
): Promise<Standalone> {
  const clock = nodeClock;
  const random = nodeRandom;
  const opened: (() => unknown)[] = [];
  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closed ??= (async () => {
      for (const end of opened.reverse()) {
        try {
          await end();
        } catch (error) {
          log.error('a part did not close', { error });
        }
      }
    })();
    return closed;
  };

  try {
    const [ports, tls] = await Promise.all([
      createMemoryPorts({
        clock,
        random,
        log,
        persistence: createFilePersistence(join(settings.data_dir, 'directory.json')),
      }),
      settings.https.enabled ? certificate(settings.data_dir, givenCertificate(settings)) : undefined,
    ]);
    opened.push(() => ports.close());
    const { directory, bus, registry } = ports;
    const services = await ensureServices(directory, random);

    opened.push(watchWorkers({ bus, registry, clock, log }));
    const firstWorker = announced(bus);
    const transcoders = watchTranscoders(bus, clock, firstAbilitiesMs);
    opened.push(() => transcoders.close());
    let workerPid: number | undefined;
    const worker = superviseWorker({
      bus,
      registry,
      clock,
      random,
      log,
      program: join(import.meta.dirname, 'worker.js'),
      env: (id) => workerEnvironment(id, settings),
      changed: (pid) => {
        workerPid = pid;
        workerChanged(pid);
      },
    });
    opened.push(() => worker.close(workerPatienceMs));

    const rooms = createRooms({
      ports,
      clock,
      random,
      log,
      edge,
      settings: { transcoders: () => transcoders.known() },
    });
    opened.push(() => rooms.close());
    let tokenAddress: PortalAddress = { host: 'localhost:0', secure: false };
    const tokens = createTokens({ directory, clock, random, address: () => tokenAddress });
    const tickets = createTickets({ directory, clock, random });
    const portal = createPortal({
      rooms,
      tokens,
      tickets,
      clock,
      random,
      log,
      edge,
      settings: { iceServers: settings.webrtc.ice_servers.map(iceServer) },
    });
    opened.push(() => portal.close());

    const management = managementApp({
      directory,
      rooms,
      tokens,
      clock,
      random,
      log,
      tokenAddress: tokenSource(settings),
      settings: {
        superService: services.superService._id,
        timestampCheck: settings.management.timestamp_check,
      },
    });
    const web = settings.app.enabled
      ? webApp({
          directory,
          rooms,
          tokens,
          clock,
          random,
          log,
          tokenAddress: tokenSource(settings),
          service: services.sampleService._id,
          sampleRoom: services.sampleRoom,
          assets: await readAssets(join(import.meta.dirname, '../web')),
        })
      : undefined;
    const server = await startServer({
      app: frontDoor({ management, web, healthy: () => workerPid !== undefined }),
      portal,
      ...(settings.http.enabled ? { http: settings.http } : {}),
      ...(tls === undefined ? {} : { https: { ...settings.https, key: tls.key, cert: tls.cert } }),
      log,
    });
    opened.push(() => server.close());

    tokenAddress = publicAddress(settings, server);
    await Promise.race([firstWorker, new Promise<void>((late) => clock.after(firstWorkerMs, late))]);
    const { httpPort, httpsPort } = server;
    const httpsUrl =
      httpsPort === undefined ? undefined : urlOf('https', settings.https.host, httpsPort, firstAddress());
    const url = httpPort === undefined ? httpsUrl : urlOf('http', settings.http.host, httpPort);
    return {
      url: url ?? '',
      ...(httpsUrl === undefined ? {} : { httpsUrl }),
      selfSigned: tls?.selfSigned === true,
      ...(tokenSource(settings) === 'request' ? {} : { tokenAddress }),
      services,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Resolves when a worker says for the first time that it is there. */
function announced(bus: Bus): Promise<void> {
  return new Promise((resolve) => {
    const unsubscribe = bus.subscribe(channels.workers, () => {
      unsubscribe();
      resolve();
    });
  });
}

/** Where nothing is configured, clients come the way the request for their token came: that one works. */
function tokenSource({ public: { hostname, via_host, secure } }: Settings): TokenAddress {
  return hostname === '' && via_host === '' && secure === undefined ? 'request' : 'configured';
}

function givenCertificate({ https: { cert, key } }: Settings): { cert: string; key: string } | undefined {
  return cert === undefined || key === undefined ? undefined : { cert, key };
}

function iceServer({ urls, username, credential }: Settings['webrtc']['ice_servers'][number]) {
  return {
    urls,
    ...(username === undefined ? {} : { username }),
    ...(credential === undefined ? {} : { credential }),
  };
}

/** How this machine's own browser reaches a listener: loopback where that is served, for camera access needs it. */
function urlOf(scheme: 'http' | 'https', host: string, port: number, name = 'localhost'): string {
  const any = host === '0.0.0.0' || host === '::';
  const shown = any ? name : host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${shown}:${port}`;
}
