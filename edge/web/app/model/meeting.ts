// Owns the page's meeting: from the lobby through the conference to its end. It composes the client library with the
// page's own media, and is what the views draw. It draws nothing itself.
import { Conference, Publication } from '../../../client/index.ts';
import type { Owner, PublishOptions, Subscription } from '../../../client/index.ts';
import type { ParticipantInfo } from '../../../../schemas/stream.ts';
import { Changes } from './change.ts';
import { Chat } from './chat.ts';
import { explain } from './explain.ts';
import type { Explanation } from './explain.ts';
import { LocalMedia } from './local-media.ts';
import { Meters } from './meters.ts';
import { Mixing } from './mixing.ts';
import type { OwnKind } from './mixing.ts';
import type { Parameters } from './parameters.ts';
import { ScreenShare } from './screen-share.ts';
import { textOf } from './text-of.ts';
import { purposeOf, tilesOf } from './tiles.ts';
import type { Tile } from './tiles.ts';
import { Toasts } from './toasts.ts';
import type { Toast } from './toasts.ts';
import { bringIn, requestToken } from './server.ts';
import { Watching } from './watching.ts';

export type Phase =
  | { readonly name: 'lobby'; readonly error?: Explanation }
  | { readonly name: 'joining' }
  | { readonly name: 'inside'; readonly since: number }
  | { readonly name: 'over'; readonly reason: Explanation | undefined };

/** What nobody did and nobody waits for is noticed late. */
const newsMs = 20_000;

export class Meeting {
  readonly changes = new Changes();
  readonly parameters: Parameters;
  readonly local: LocalMedia;
  readonly chat = new Chat();
  readonly meters = new Meters();
  #phase: Phase = { name: 'lobby' };
  #name: string;
  #room: string;
  #conference: Conference | undefined;
  #camera: Publication | undefined;
  #watching: Watching | undefined;
  #mixing: Mixing | undefined;
  readonly #screen: ScreenShare;
  readonly #toasts = new Toasts(() => this.changes.tell());

  constructor(parameters: Parameters, name: string) {
    this.parameters = parameters;
    this.#name = name;
    this.#room = parameters.room;
    const wanted = parameters.synthetic ? 'synthetic' : 'default';
    const size = parameters.resolution ?? { width: 1280, height: 720 };
    const nothing = !parameters.publish;
    this.local = new LocalMedia(
      { video: nothing || parameters.screen ? 'none' : wanted, audio: nothing ? 'none' : wanted },
      name,
      size,
    );
    this.#screen = new ScreenShare({
      synthetic: parameters.synthetic,
      codec: this.#codec(),
      published: (publication) => this.#mixing?.carry('screen', publication),
      changed: () => this.changes.tell(),
      problem: (text) => this.problem(text),
    });
  }

  get phase(): Phase {
    return this.#phase;
  }
  get name(): string {
    return this.#name;
  }
  /** The room asked for; empty is the server's sample room. */
  get room(): string {
    return this.#room;
  }
  get conference(): Conference | undefined {
    return this.#conference;
  }
  get toasts(): readonly Toast[] {
    return this.#toasts.shown;
  }
  get sharing(): MediaStream | undefined {
    return this.#screen.media;
  }
  get publication(): Publication | undefined {
    return this.#camera;
  }
  /** What of the room this page watches; absent before joining. */
  get watching(): Watching | undefined {
    return this.#watching;
  }
  /** The mixed picture as far as this page has a say in it; absent before joining. */
  get mixing(): Mixing | undefined {
    return this.#mixing;
  }
  get people(): readonly ParticipantInfo[] {
    return [...(this.#conference?.participants.values() ?? [])];
  }

  get tiles(): readonly Tile[] {
    const { conference } = this;
    const me = conference?.me;
    if (conference === undefined || me === undefined) return [];
    return tilesOf(
      conference.participants.values(),
      conference.streams.values(),
      me.id,
      this.parameters.self,
    );
  }

  subscription(tile: Tile): Subscription | undefined {
    return tile.stream === undefined ? undefined : this.#watching?.of(tile.stream.id);
  }

  /** Whether somebody speaks: by the sound of each where each is heard alone, else as the mixer found out. */
  speaks(participant: string): boolean {
    if (participant === this.#conference?.me?.id && this.meters.speaks('me')) return true;
    if (this.#watching?.watched.mode === 'mixed') {
      const speaker = this.#mixing?.places.find(({ figure }) => figure?.speaks === true)?.figure;
      return speaker?.participant === participant && this.meters.speaks(this.#mixing?.stream?.id ?? '');
    }
    return this.tiles.some(
      ({ participant: owner, stream }) =>
        owner === participant && stream !== undefined && this.meters.speaks(stream.id),
    );
  }

  rename(name: string): void {
    this.#name = name;
    this.local.rename(name);
    this.changes.tell();
  }

  chooseRoom(room: string): void {
    this.#room = room;
    this.changes.tell();
  }

  /** Joins under the present name; failures are told in the lobby. */
  async join(): Promise<void> {
    if (this.#phase.name === 'joining' || this.#phase.name === 'inside') return;
    this.#enter({ name: 'joining' });
    const conference = new Conference();
    const { watch, view, self, mixed } = this.parameters;
    this.#conference = conference;
    this.#watching = new Watching(conference, { mode: watch, view, self }, () => this.changes.tell());
    this.#mixing = new Mixing(conference, view, mixed, (error) =>
      this.problem(`You could not be mixed in: ${textOf(error)}`),
    );
    this.#follow(conference);
    try {
      await conference.join(() => requestToken(this.#room, this.#name));
    } catch (error) {
      this.#conference = undefined;
      this.#enter({ name: 'lobby', error: explain(textOf(error)) });
      return;
    }
    this.#enter({ name: 'inside', since: Date.now() });
    this.meters.start(conference, (owner) => this.#labelOf(owner));
    this.#watching.begin();
    this.#tellWhatIsMissing();
    if (this.parameters.publish && this.parameters.screen) void this.share();
    await this.#publishCamera(conference);
  }

  /** Leaves at once; safe while the page is being closed. Idempotent. */
  leave(): void {
    this.#conference?.leave();
  }

  /** Switches microphone or camera, here and for the others. */
  async setOn(kind: 'audio' | 'video', on: boolean): Promise<void> {
    this.local.setOn(kind, on);
    this.changes.tell();
    const publication = this.#camera;
    if (publication === undefined) return;
    try {
      await (on ? publication.unmute(kind) : publication.mute(kind));
    } catch (error) {
      this.problem(textOf(error));
    }
  }

  /** Uses another device or source, in a running conference too. */
  async choose(choice: { readonly video?: string; readonly audio?: string }): Promise<void> {
    await this.local.choose(choice);
    const publication = this.#camera;
    if (publication === undefined) return;
    for (const kind of ['audio', 'video'] as const) {
      const track = this.local.track(kind);
      if (track !== undefined && publication.tracks.has(kind) && publication.tracks.get(kind) !== track)
        await publication.replaceTrack(track);
    }
  }

  /** Shares a screen as a second publication; without a screen to share (or with `synthetic`) some slides. */
  async share(): Promise<void> {
    if (this.#conference !== undefined) await this.#screen.start(this.#conference, this.#name);
  }

  /** Idempotent. */
  unshare(): void {
    this.#screen.stop();
  }

  /** Stops or starts the picture of another, for this page alone. */
  async setWatched(tile: Tile, watched: boolean): Promise<void> {
    const subscription = this.subscription(tile);
    if (subscription === undefined) return;
    await this.attempt(watched ? subscription.resume('video') : subscription.pause('video'));
  }

  /** Shows a simulcast layer, by its track id. */
  async chooseLayer(tile: Tile, track: string): Promise<void> {
    await this.attempt(this.subscription(tile)?.chooseLayer(track));
  }

  /** Does what the server may refuse, and tells when it does. */
  async attempt(work: Promise<void> | undefined): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.problem(textOf(error));
    }
    this.changes.tell();
  }

  /** Takes our own camera or screen into the mixed picture, or out of it. */
  setMixed(kind: OwnKind, mixed: boolean): void {
    this.#mixing?.setWish(kind, mixed);
    this.changes.tell();
  }

  async say(message: string): Promise<void> {
    try {
      await this.#conference?.send(message);
    } catch (error) {
      this.problem(`Not sent: ${textOf(error)}`);
    }
  }

  problem(text: string): void {
    this.#toasts.show('problem', text);
  }

  inform(text: string): void {
    this.#toasts.show('info', text);
  }

  dismiss(key: number): void {
    this.#toasts.dismiss(key);
  }

  /** Back to the lobby after an end. */
  reopen(): void {
    if (this.#phase.name === 'over') this.#enter({ name: 'lobby' });
  }

  #follow(conference: Conference): void {
    const changed = (): void => this.changes.tell();
    const mine = (): boolean => this.#conference === conference;
    conference.on('connection', changed);
    conference.on('link', changed);
    conference.on('participant-joined', changed);
    conference.on('participant-left', changed);
    for (const name of ['stream-added', 'stream-updated', 'stream-removed'] as const)
      conference.on(name, () => {
        if (mine()) this.#watching?.follow();
        changed();
      });
    conference.on('text', ({ from, to, message }) => {
      const name = conference.participants.get(from)?.user ?? 'Somebody';
      const entry = {
        from,
        name,
        mine: from === conference.me?.id,
        toMe: to === 'me',
        message,
        at: new Date(),
      };
      this.chat.add(entry);
    });
    conference.on('rejoined', () => this.inform('Back in the room.'));
    conference.on('ended', ({ reason }) => {
      if (mine()) this.#over(reason);
    });
  }

  async #publishCamera(conference: Conference): Promise<void> {
    if (!this.parameters.publish || this.local.media.getTracks().length === 0) return;
    const { simulcast } = this.parameters;
    try {
      const publication = await conference.publish(this.local.media, { simulcast, ...this.#codec() });
      if (this.#conference !== conference) {
        publication.stop();
        return;
      }
      this.#camera = publication;
      this.#mixing?.carry('camera', publication);
      publication.events.on('state', (state) => {
        if (state.phase === 'ended' && state.reason !== 'stopped' && this.#phase.name === 'inside')
          this.problem(`Your picture and sound stopped: ${state.reason}`);
        this.changes.tell();
      });
      for (const kind of ['audio', 'video'] as const)
        if (publication.tracks.has(kind) && !this.local.isOn(kind)) await publication.mute(kind);
    } catch (error) {
      if (this.#conference === conference)
        this.problem(`The others cannot see or hear you: ${explain(textOf(error)).advice}`);
    }
    this.changes.tell();
  }

  #codec(): Pick<PublishOptions, 'videoCodec'> {
    const { codec } = this.parameters;
    return codec === undefined ? {} : { videoCodec: codec };
  }

  #tellWhatIsMissing(): void {
    const { url, room } = this.parameters;
    const watched = this.#watching?.watched;
    if (watched?.mode === 'forward' && watched.because === 'no-mixer')
      this.#toasts.show('info', 'Pictures are not mixed here: you see everybody one by one.', newsMs);
    if (url === undefined) return;
    bringIn(this.#conference?.room ?? room, url).catch((error: unknown) =>
      this.problem(`The stream at that address could not be brought in: ${textOf(error)}`),
    );
  }

  #labelOf(owner: Owner): string {
    if (owner instanceof Publication)
      return owner.options.videoSource === 'screen-cast' ? 'You, screen' : 'You';
    const { stream } = owner;
    if (stream.type === 'mixed') return 'Mixed picture';
    const name = this.#conference?.participants.get(stream.info.owner)?.user ?? 'Live stream';
    return purposeOf(stream) === 'screen' ? `${name}, screen` : name;
  }

  #over(reason: string): void {
    this.meters.stop();
    this.unshare();
    this.#camera = undefined;
    this.#enter({ name: 'over', reason: reason === 'left' ? undefined : explain(reason) });
  }

  #enter(phase: Phase): void {
    this.#phase = phase;
    this.changes.tell();
  }
}
