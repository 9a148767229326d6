// Owns which router is which room's: transports, mixers and whatever else has media of a room meet there.
import { Router } from './router.ts';

export class Routers {
  readonly #routers = new Map<string, Router>();

  /** The room's router, made when it is first asked for. */
  of(room: string): Router {
    let router = this.#routers.get(room);
    if (!router) {
      router = new Router();
      this.#routers.set(room, router);
    }
    return router;
  }

  /** The room is over; whoever still holds its router has it to itself. */
  release(room: string): void {
    this.#routers.delete(room);
  }
}
