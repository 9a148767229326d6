// Owns what one edge is made of, whatever its stores are: rooms, portal, management interface, sample page, one listener.
// Its stores and its workers belong to who composes it.
import { join } from 'node:path';
import type { Clock, Log, Random } from '../../edge/clock.ts';
import { announceEdge } from '../../edge/cluster/announce-edge.ts';
import { createHomes } from '../../edge/cluster/homes.ts';
import { KnownEdges } from '../../edge/cluster/known-edges.ts';
import { otherPortals } from '../../edge/cluster/other-portals.ts';
import { pickPortals, type PortalFor } from '../../edge/cluster/portals.ts';
import { ownRegistries } from '../../edge/cluster/registries.ts';
import { watchWorkers } from '../../edge/cluster/worker-watch.ts';
import { meteredHttp } from '../../edge/metrics/http-meter.ts';
import { meteredPorts } from '../../edge/metrics/metered-ports.ts';
import { meteredTickets, meteredTokens } from '../../edge/metrics/metered-tokens.ts';
import { noMetrics } from '../../edge/metrics/metrics.ts';
import { showEdge } from '../../edge/metrics/show-edge.ts';
import { managementApp } from '../../edge/management/app.ts';
import { createClusterView } from '../../edge/management/cluster-view.ts';
import { edgeAnswers, serveEdgeAnswers } from '../../edge/management/edge-answers.ts';
import { ensureServices } from '../../edge/management/first-run.ts';
import { watchEdgeLoad } from '../../edge/platform/node/edge-load.ts';
import { startServer } from '../../edge/platform/node/server.ts';
import { createPortal } from '../../edge/portal/portal.ts';
import { startSchedules } from '../../edge/jobs/room-schedule.ts';
import { startWebhooks } from '../../edge/jobs/start-webhooks.ts';
import { createPost } from '../../edge/platform/node/post.ts';
import { createRooms } from '../../edge/rooms/rooms.ts';
import type { Audit } from '../../edge/store/audit.ts';
import type { Ports } from '../../edge/store/ports.ts';
import type { PortalAddress } from '../../edge/tokens/portal-address.ts';
import { createIceServers } from '../../edge/tokens/ice-servers.ts';
import { createTickets } from '../../edge/tokens/ticket.ts';
import { createTokens } from '../../edge/tokens/tokens.ts';
import { webApp } from '../../edge/web/routes.ts';
import { staticFiles } from '../../edge/web/static-files.ts';
import { readAssets } from './assets.ts';
import { certificate } from './certificate.ts';
import { Closing } from '../process/closing.ts';
import { frontDoor } from './front-door.ts';
import type { Operations } from '../process/operations.ts';
import { firstAddress, isAddressGiven, publicAddress } from './public-address.ts';
import { servesOrigin } from './serves-origin.ts';
import type { Settings } from '../settings/settings.ts';
import { iceServerTerms } from '../settings/turn-settings.ts';
import { watchTranscoders } from './watch-transcoders.ts';

export interface EdgeDeps {
  readonly ports: Ports;
  readonly audit: Audit;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Unique among living edges. */
  readonly edge: string;
  /** Called once the edge hears what workers announce, before it listens. */
  readonly hearing?: () => void;
  /** A worker is on its way: rooms that open before it is heard wait for it so long. Absent: they learn of it later. */
  readonly firstWorkerWithinMs?: number;
  /** What `GET /healthz` says. */
  readonly healthy: () => boolean;
  /** What `GET /readyz` says, and where figures go. Absent: neither. */
  readonly operations?: Pick<Operations, 'readiness' | 'metrics'>;
}

export interface Edge {
  /** The page on this machine. */
  readonly url: string;
  /** The page for other machines. */
  readonly httpsUrl?: string;
  readonly selfSigned: boolean;
  /** Where all join tokens send clients; absent: where the request for the token came to. */
  readonly tokenAddress?: PortalAddress;
  readonly services: Awaited<ReturnType<typeof ensureServices>>;
  /** Sends clients to other edges, if there are any, for `withinMs` at most. Media goes on as it is. */
  drain(withinMs: number): Promise<void>;
  /** Ends everything that was started here, in order; clients are told. The ports stay open. Idempotent. */
  close(): Promise<void>;
}

/** Starts an edge on its ports. Rejects when it cannot listen, with nothing left running. */
export async function startEdge(deps: EdgeDeps): Promise<Edge> {
  const { audit, settings, clock, random, log, edge } = deps;
  const { metrics = noMetrics } = deps.operations ?? {};
  const stopwatch = () => performance.now();
  const ports = meteredPorts(deps.ports, metrics, stopwatch);
  const { directory, bus, registry } = ports;
  const homes = ports.homes ?? createHomes(ports);
  const closing = new Closing(log);
  try {
    const [services, tls] = await Promise.all([
      ensureServices(directory, random),
      settings.https.enabled ? certificate(settings.data_dir, givenCertificate(settings)) : undefined,
    ]);
    for (const home of homes.all) closing.add(watchWorkers({ ...home, clock, log, own: edge }));
    const transcoders = watchTranscoders({
      bus: homes.bus,
      registries: homes.all.map((home) => home.registry),
      clock,
      log,
      patienceMs: deps.firstWorkerWithinMs ?? 0,
    });
    closing.add(() => transcoders.close());
    deps.hearing?.();

    const webhooks = startWebhooks({
      directory,
      jobs: ports.jobs,
      clock,
      random,
      log,
      post: createPost({ privateAddresses: settings.webhooks.private_addresses }),
    });
    closing.add(() => webhooks.close());
    const rooms = createRooms({
      ports,
      clock,
      random,
      log,
      edge,
      settings: {
        transcoders: (engines) => transcoders.known(engines),
        watchTranscoders: transcoders.watch,
      },
      witnessing: webhooks.witness,
    });
    closing.add(() => rooms.close());
    closing.add(await startSchedules({ directory, jobs: ports.jobs, rooms, webhooks, clock }));
    let tokenAddress: PortalAddress = { host: 'localhost:0', secure: false };
    const keys = { directory, clock, random, maxKeyAgeMs: settings.tokens.key_days * 86_400_000 };
    const tokens = meteredTokens(
      createTokens({
        ...keys,
        once: ports.once,
        homes,
        live: (room) => rooms.find(room),
        address: () => tokenAddress,
        ...(settings.tokens.strict_origin && { serves: servesOrigin(settings.cluster) }),
      }),
      metrics,
    );
    const tickets = meteredTickets(createTickets(keys), metrics);
    const iceServers = createIceServers(iceServerTerms(settings), clock);
    const known = new KnownEdges({ bus: homes.bus, clock, own: edge });
    closing.add(() => known.close());
    const portal = createPortal({
      rooms,
      tokens,
      tickets,
      bus: homes.bus,
      clock,
      random,
      log,
      edge,
      iceServers,
      others: (origin) => known.near(origin),
      metrics,
    });
    closing.add(showEdge(metrics, { portal, rooms }));
    closing.add(() => portal.close());

    const portalFor: PortalFor = picksPortals(settings)
      ? pickPortals({
          registry,
          clock,
          random,
          log,
          ...(isAddressGiven(settings) ? {} : { byRequest: edge }),
        })
      : (_origin, asked) => Promise.resolve(isAddressGiven(settings) ? tokenAddress : asked);
    const assets = await readAssets(join(import.meta.dirname, '../web'));
    const answers = edgeAnswers({ rooms, config: settings });
    closing.add(serveEdgeAnswers(bus, edge, answers));
    const management = managementApp({
      audit,
      cluster: createClusterView({ ...ports, log, edge, answers }),
      directory,
      once: ports.once,
      jobs: ports.jobs,
      rooms,
      tokens,
      iceServers,
      clock,
      random,
      log,
      portalFor,
      settings: {
        superService: services.superService._id,
        timestampCheck: settings.management.timestamp_check,
        clockWindowMs: settings.management.clock_window_s * 1000,
        replayMemoryMs: settings.management.replay_memory_s * 1000,
        replayGraceMs: settings.management.replay_grace_s * 1000,
      },
    });
    const web = settings.app.enabled
      ? webApp({
          directory,
          jobs: ports.jobs,
          rooms,
          tokens,
          clock,
          random,
          log,
          portalFor,
          origin: visitorOrigin(settings.cluster),
          otherEdges: settings.redis.url !== '' || settings.redis.rooms_url !== '',
          service: services.sampleService._id,
          sampleRoom: services.sampleRoom,
          audit,
          assets,
        })
      : undefined;
    const door = frontDoor({
      management,
      files: staticFiles(assets),
      web,
      healthy: deps.healthy,
      unready: () => deps.operations?.readiness.reason,
    });
    const app = meteredHttp(door, metrics, stopwatch);
    closing.add(app.close);
    const server = await startServer({
      app,
      portal,
      ...(settings.http.enabled ? { http: settings.http } : {}),
      ...(tls === undefined ? {} : { https: { ...settings.https, key: tls.key, cert: tls.cert } }),
      log,
    });
    closing.add(() => server.close());

    tokenAddress = publicAddress(settings, server);
    const announcement = announceEdge({
      bus: homes.bus,
      clock,
      edge,
      isps: settings.cluster.isps,
      regions: settings.cluster.regions,
      maxLoad: settings.cluster.max_load,
      portal: tokenAddress,
      load: watchEdgeLoad(),
    });
    closing.add(() => {
      announcement.close();
      // The last edge has nobody else to hear it.
      return ownRegistries(homes).remove(edge, 'quit');
    });
    const { httpPort, httpsPort } = server;
    const httpsUrl =
      httpsPort === undefined ? undefined : urlOf('https', settings.https.host, httpsPort, firstAddress());
    const url = httpPort === undefined ? httpsUrl : urlOf('http', settings.http.host, httpPort);
    return {
      url: url ?? '',
      ...(httpsUrl === undefined ? {} : { httpsUrl }),
      selfSigned: tls?.selfSigned === true,
      ...(isAddressGiven(settings) ? { tokenAddress } : {}),
      services,
      async drain(withinMs) {
        announcement.drain(true);
        server.drain();
        await portal.drain(otherPortals({ registry, edge, clock, random, log }), withinMs);
      },
      close: () => closing.close(),
    };
  } catch (error) {
    await closing.close();
    throw error;
  }
}

/** An edge that is alone and for everybody is the one for all tokens, however full its machine is. */
function picksPortals({ redis, cluster }: Settings): boolean {
  return (
    Object.values(redis).some((url) => url !== '') || cluster.isps.length > 0 || cluster.regions.length > 0
  );
}

/** Where visitors of the sample page are, for they have come to this edge. */
function visitorOrigin({ isps: [isp], regions: [region] }: Settings['cluster']) {
  return { ...(isp !== undefined && { isp }), ...(region !== undefined && { region }) };
}

function givenCertificate({ https: { cert, key } }: Settings): { cert: string; key: string } | undefined {
  return cert === undefined || key === undefined ? undefined : { cert, key };
}

/** How this machine's own browser reaches a listener: loopback where that is served, for camera access needs it. */
function urlOf(scheme: 'http' | 'https', host: string, port: number, name = 'localhost'): string {
  const any = host === '0.0.0.0' || host === '::';
  const shown = any ? name : host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${shown}:${port}`;
}
