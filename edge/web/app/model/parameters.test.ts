import { describe, expect, it } from 'vitest';
import { readParameters } from './parameters.ts';

describe('readParameters', () => {
  it.each([
    { search: '', watch: 'mixed', asked: false },
    { search: '?forward=true', watch: 'forward', asked: true },
    { search: '?forward=false', watch: 'mixed', asked: true },
    { search: '?mix=false', watch: 'forward', asked: true },
    { search: '?mix=true', watch: 'mixed', asked: true },
    { search: '?mix=true&forward=true', watch: 'forward', asked: true },
    { search: '?mix=false&forward=false', watch: 'mixed', asked: true },
  ])('cluster#24 watches $watch for "$search"', ({ search, watch, asked }) => {
    expect(readParameters(search)).toMatchObject({ watch, watchAsked: asked });
  });

  it.each([
    ['resolution=sif', 320, 240],
    ['resolution=vga', 640, 480],
    ['resolution=hd720p', 1280, 720],
    ['resolution=hd1080p', 1920, 1080],
  ])('cluster#24 takes %s for %i by %i', (search, width, height) => {
    expect(readParameters(search).resolution).toEqual({ width, height });
  });

  it('cluster#24 shares the screen only for `true`, and takes any text for simulcast', () => {
    expect(readParameters('?screen=false&simulcast=yes')).toMatchObject({ screen: false, simulcast: true });
    expect(readParameters('?screen=true&simulcast=')).toMatchObject({ screen: true, simulcast: false });
  });

  it.each([
    { search: '', view: 'common', camera: true, screen: false },
    { search: '?view=stage', view: 'stage', camera: true, screen: false },
    { search: '?mix=false&forward=false', view: 'common', camera: false, screen: false },
    { search: '?forward=true&mixscreen=true', view: 'common', camera: true, screen: true },
  ])('puts into $view for "$search": camera $camera, screen $screen', ({ search, view, camera, screen }) => {
    expect(readParameters(search)).toMatchObject({ view, mixed: { camera, screen } });
  });

  it('cluster#24 publishes unless told not to', () => {
    expect(readParameters('').publish).toBe(true);
    expect(readParameters('?publish=false').publish).toBe(false);
  });

  it('takes what it does not understand for absent', () => {
    expect(readParameters('?resolution=8k&codec=theora&autojoin=1')).toMatchObject({
      resolution: undefined,
      codec: undefined,
      autojoin: false,
    });
  });
});
