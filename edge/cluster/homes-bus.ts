// Owns the buses of several homes as one. What is said, heard and served on a plain channel is so in every home; a request
// on one goes to the first of them. `channelAt` (schemas/bus.ts) names the channel of one home alone.
import { type Bus, splitChannel, type Unsubscribe } from '../../schemas/bus.ts';
import { SluiceError } from '../../schemas/error.ts';

/** `all` begins with the bus beside the directory; `busOf` says undefined for a home that there is none of. */
export function joinBuses(all: readonly [Bus, ...Bus[]], busOf: (home: string) => Bus | undefined): Bus {
  const [first] = all;

  /** In each of the channel's homes; in none, when that is not known. */
  function everywhere<T>(name: string, act: (bus: Bus, channel: string) => T): readonly T[] {
    const { home, channel } = splitChannel(name);
    const buses = home === undefined ? all : [busOf(home) ?? []].flat();
    return buses.map((bus) => act(bus, channel));
  }

  const ending = (stops: readonly Unsubscribe[]) => () => {
    for (const stop of stops) stop();
  };

  return {
    publish: (name, message) => void everywhere(name, (bus, channel) => bus.publish(channel, message)),
    subscribe: (name, handler) => ending(everywhere(name, (bus, channel) => bus.subscribe(channel, handler))),
    serve: (name, handler) => ending(everywhere(name, (bus, channel) => bus.serve(channel, handler))),
    request(name, message, timeoutMs) {
      const { home, channel } = splitChannel(name);
      const bus = home === undefined ? first : busOf(home);
      if (bus !== undefined) return bus.request(channel, message, timeoutMs);
      return Promise.reject(new SluiceError('unavailable', `There is no home ${String(home)} here`));
    },
    close() {
      for (const bus of all) bus.close();
    },
  };
}
