// Owns what this page does to the mixed picture: which of our own streams are in it, its layout, who is where.
import type { Conference, Publication } from '../../../client/index.ts';
import type { MixedStreamInfo } from '../../../../schemas/stream.ts';
import { chosenLayout, layoutChoices, layoutRequest } from './layout-choice.ts';
import type { LayoutChoice } from './layout-choice.ts';
import { exchange } from './move.ts';
import { isMixedIn, mixedStream, outsideOf, placesOf, waitingFor } from './place.ts';
import type { Cast, Figure, Place } from './place.ts';
import { patchStream } from './server.ts';

export type OwnKind = 'camera' | 'screen';

export type MixedConference = Pick<
  Conference,
  'me' | 'room' | 'participants' | 'streams' | 'mix' | 'unmix' | 'setRegion'
>;

export class Mixing {
  readonly #conference: MixedConference;
  readonly #label: string;
  readonly #problem: (error: unknown) => void;
  readonly #wishes: Record<OwnKind, boolean>;
  readonly #publications = new Map<OwnKind, Publication>();

  /** `label` is the view's, `wishes` what goes into it, `problem` is told when the server refused. */
  constructor(
    conference: MixedConference,
    label: string,
    wishes: Readonly<Record<OwnKind, boolean>>,
    problem: (error: unknown) => void,
  ) {
    this.#conference = conference;
    this.#label = label;
    this.#wishes = { ...wishes };
    this.#problem = problem;
  }

  /** Absent where the server does not mix. */
  get stream(): MixedStreamInfo | undefined {
    return mixedStream(this.#conference.streams.values(), this.#label);
  }

  get places(): readonly Place[] {
    const { stream, cast } = this;
    return stream === undefined || cast === undefined ? [] : placesOf(stream, cast);
  }

  /** Who is in the mix without a place in its picture. */
  get waiting(): readonly Figure[] {
    const { stream, cast } = this;
    return stream === undefined || cast === undefined ? [] : waitingFor(stream, cast);
  }

  /** Streams of others that are not in the mix. */
  get outside(): readonly Figure[] {
    const { stream, cast } = this;
    return stream === undefined || cast === undefined ? [] : outsideOf(stream, cast);
  }

  /** Layouts for as many as are in the mix now. */
  get choices(): readonly LayoutChoice[] {
    const shown = this.places.filter(({ figure }) => figure !== undefined).length;
    return layoutChoices(shown + this.waiting.length);
  }

  get chosen(): LayoutChoice | undefined {
    return chosenLayout(this.stream?.info.layout ?? [], this.choices);
  }

  get cast(): Cast | undefined {
    const { participants, streams, me } = this.#conference;
    return me === undefined ? undefined : { participants, streams, me: me.id };
  }

  /** Whether our own stream of that kind is in the mix, as the room says. */
  isMixed(kind: OwnKind): boolean {
    const own = this.#conference.streams.get(this.#publications.get(kind)?.id ?? '');
    const { stream } = this;
    return stream !== undefined && own?.type === 'forward' && isMixedIn(stream, own);
  }

  wishes(kind: OwnKind): boolean {
    return this.#wishes[kind];
  }

  /** Keeps a publication in the mix, as wished, however often it has to be made anew. */
  carry(kind: OwnKind, publication: Publication): void {
    this.#publications.set(kind, publication);
    const mix = (): void => {
      if (publication.state.phase === 'live' && this.#wishes[kind]) this.#apply(kind);
      else if (publication.state.phase === 'ended' && this.#publications.get(kind) === publication)
        this.#publications.delete(kind);
    };
    publication.events.on('state', mix);
    mix();
  }

  /** Takes our camera or screen into the mix, or out of it. */
  setWish(kind: OwnKind, mixed: boolean): void {
    this.#wishes[kind] = mixed;
    this.#apply(kind);
  }

  /** Takes a stream of somebody else into the mix. Throws Error with the server's text. */
  async takeIn({ stream }: Figure): Promise<void> {
    await this.#patch(stream, { op: 'add', path: '/info/inViews', value: this.#label });
  }

  /** Has everybody see another layout. Throws Error with the server's text. */
  async choose(choice: LayoutChoice): Promise<void> {
    const { stream } = this;
    if (stream === undefined) return;
    // Who speaks, or shares, is who should be large.
    const screen = this.places.find(({ figure }) => figure?.purpose === 'screen')?.figure?.stream;
    const first = choice.key === 'single' ? (screen ?? stream.info.activeInput) : screen;
    const value = layoutRequest(choice, stream.info.layout, first);
    await this.#patch(stream.id, { op: 'replace', path: '/info/layout', value });
  }

  /** Has somebody change places with who is in `to`. Throws Error with the server's text. */
  async exchange(figure: Figure, to: Place): Promise<void> {
    const { stream } = this;
    const move = exchange(this.places, figure, to);
    if (move === undefined || stream === undefined) return;
    if (move.by === 'control') await this.#conference.setRegion(move.stream, this.#label, move.region);
    else
      await this.#patch(stream.id, {
        op: 'replace',
        path: `/info/layout/${move.index}/stream`,
        value: move.stream,
      });
  }

  #apply(kind: OwnKind): void {
    const id = this.#publications.get(kind)?.id;
    if (id === undefined || this.stream === undefined) return;
    const done = this.#wishes[kind]
      ? this.#conference.mix(id, this.#label)
      : this.#conference.unmix(id, this.#label);
    done.catch(this.#problem);
  }

  async #patch(stream: string, operation: Parameters<typeof patchStream>[2]): Promise<void> {
    await patchStream(this.#conference.room ?? '', stream, operation);
  }
}
