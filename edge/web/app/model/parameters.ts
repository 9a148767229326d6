// Owns what the page's address asks for (spec cluster §12.2, and parameters of our own). Pure.
import type { VideoCodec } from '../../../client/index.ts';

export interface Parameters {
  /** Empty: the server's sample room. */
  readonly room: string;
  readonly name: string | undefined;
  /** The streams of the others one by one, or one mixed picture. */
  readonly watch: 'forward' | 'mixed';
  /** Whether the address says so or it is only the default. */
  readonly watchAsked: boolean;
  /** Label of the mixed view that is watched, and that our own streams go into. */
  readonly view: string;
  /** Whether our own camera, and our own shared screen, goes into the view. */
  readonly mixed: { readonly camera: boolean; readonly screen: boolean };
  /** A camera or file to bring into the room. */
  readonly url: string | undefined;
  /** Publish the screen in place of the camera. */
  readonly screen: boolean;
  readonly resolution: { readonly width: number; readonly height: number } | undefined;
  readonly publish: boolean;
  readonly simulcast: boolean;
  /** Also watch our own stream as it comes back from the server. */
  readonly self: boolean;
  readonly autojoin: boolean;
  readonly synthetic: boolean;
  readonly codec: VideoCodec | undefined;
}

const sizes: Readonly<Record<string, { width: number; height: number }>> = {
  sif: { width: 320, height: 240 },
  vga: { width: 640, height: 480 },
  hd720p: { width: 1280, height: 720 },
  hd1080p: { width: 1920, height: 1080 },
};
const codecs: readonly VideoCodec[] = ['vp8', 'vp9', 'h264', 'av1'];

/**
 * `search` is the address's query. `mix=false` keeps our own camera out of the view and means `forward=true`; an explicit
 * `forward` wins. `screen` must be `true`; any text turns `simulcast` on. What a parameter does not understand is as if it were absent.
 */
export function readParameters(search: string): Parameters {
  const query = new URLSearchParams(search);
  const forward = query.get('forward');
  const mix = query.get('mix');
  const asked = forward !== null || mix !== null;
  const forwarded = forward === null ? mix === 'false' : forward === 'true';
  return {
    room: query.get('room') ?? '',
    name: query.get('name') ?? undefined,
    watch: forwarded ? 'forward' : 'mixed',
    watchAsked: asked,
    view: query.get('view') ?? 'common',
    mixed: { camera: mix !== 'false', screen: query.get('mixscreen') === 'true' },
    url: query.get('url') ?? undefined,
    screen: query.get('screen') === 'true',
    resolution: sizes[query.get('resolution') ?? ''],
    publish: query.get('publish') !== 'false',
    simulcast: (query.get('simulcast') ?? '') !== '',
    self: query.get('self') === 'true',
    autojoin: query.get('autojoin') === 'true',
    synthetic: query.get('synthetic') === 'true',
    codec: codecs.find((codec) => codec === query.get('codec')),
  };
}
