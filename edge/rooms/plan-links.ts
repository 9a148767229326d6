// Owns which tracks of a room cross from one worker to another: what is consumed on a worker that does not produce it. It
// reads planned documents and nothing else; how a track crosses is the workers' business.
import type { DesiredLink, LinkedTrack } from '../../schemas/link.ts';
import type { DesiredMixer, DesiredRoom } from '../../schemas/worker.ts';
import { neededLayers } from './needed-layers.ts';

/** The same documents with the links between them. Those of a room that has all it needs on one worker have none. */
export function planLinks(documents: ReadonlyMap<string, DesiredRoom>): ReadonlyMap<string, DesiredRoom> {
  if (documents.size < 2) return documents;
  const producers = new Map<string, string>();
  for (const [worker, document] of documents) {
    for (const track of producedIn(document)) producers.set(track, worker);
  }
  const links = new Links();
  for (const [worker, document] of documents) {
    for (const track of consumedIn(document)) {
      const producer = producers.get(track.track) ?? producers.get(withoutLayer(track.track));
      if (producer !== undefined && producer !== worker) links.cross(producer, worker, track);
    }
  }
  return new Map(
    [...documents].map(([worker, document]) => {
      const own = links.of(worker);
      return [worker, own.length === 0 ? document : { ...document, links: own }];
    }),
  );
}

/** By worker and peer, the tracks that cross between the two by id. */
class Links {
  readonly #outgoing = new Map<string, Map<string, Map<string, LinkedTrack>>>();

  cross(from: string, to: string, { track, kind }: LinkedTrack): void {
    const peers = this.#outgoing.get(from) ?? new Map<string, Map<string, LinkedTrack>>();
    this.#outgoing.set(from, peers);
    const tracks = peers.get(to) ?? new Map<string, LinkedTrack>();
    peers.set(to, tracks);
    tracks.set(track, { track, kind });
  }

  of(worker: string): DesiredLink[] {
    const peers = new Set(this.#outgoing.get(worker)?.keys());
    for (const [peer, targets] of this.#outgoing) if (targets.has(worker)) peers.add(peer);
    return [...peers].sort().map((peer) => ({
      peer,
      incoming: this.#between(peer, worker),
      outgoing: this.#between(worker, peer),
    }));
  }

  #between(from: string, to: string): LinkedTrack[] {
    return [...(this.#outgoing.get(from)?.get(to)?.values() ?? [])];
  }
}

/** Track ids; of a publication those of its m-lines, whose simulcast layers are known only once it is negotiated. */
function producedIn({ transports, mixers }: DesiredRoom): string[] {
  return [
    ...transports.flatMap(({ id, publications }) =>
      publications.flatMap(({ tracks }) => tracks.map(({ mid }) => `${id}-${mid}`)),
    ),
    ...mixers.flatMap((mixer) =>
      mixer.kind === 'selector' ? mixer.outputs : mixer.outputs.map(({ track }) => track),
    ),
  ];
}

function consumedIn({ transports, mixers }: DesiredRoom): LinkedTrack[] {
  return [
    ...transports.flatMap(({ subscriptions }) =>
      subscriptions.flatMap(({ tracks }) =>
        tracks.flatMap(({ from, kind }) => (from === undefined ? [] : [{ track: from, kind }])),
      ),
    ),
    ...mixers.flatMap(takenBy),
  ];
}

function takenBy(mixer: DesiredMixer): LinkedTrack[] {
  if (mixer.kind !== 'video') return mixer.inputs.map(({ track }) => ({ track, kind: 'audio' }));
  return mixer.inputs.flatMap((input) =>
    neededLayers(input, mixer).map(({ track }) => ({ track, kind: 'video' as const })),
  );
}

/** `<transport>-<mid>` of a layer `<transport>-<mid>:<rid>`. */
function withoutLayer(track: string): string {
  const colon = track.lastIndexOf(':');
  return colon < 0 ? track : track.slice(0, colon);
}
