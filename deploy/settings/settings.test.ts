// Owns the proof that a configuration is read as documented and that mistakes in it are named.
import { describe, expect, it } from 'vitest';
import { readSettings, SettingsError, tokensAreSecure } from './settings.ts';

describe('settings', () => {
  it('has defaults for everything', () => {
    const settings = readSettings('', {});
    expect(settings.http).toEqual({ enabled: true, host: '0.0.0.0', port: 3000 });
    expect(settings.https.port).toBe(3004);
    expect(settings.data_dir).toBe('data');
    expect(settings.app.enabled).toBe(true);
  });

  it('takes the environment over the file', () => {
    const env = { SLUICE_PORT: '4000', SLUICE_ANNOUNCED: '203.0.113.7, 198.51.100.2', SLUICE_APP: 'off' };
    const settings = readSettings('[http]\nport = 3500\nhost = "127.0.0.1"\n', env);
    expect(settings.http).toEqual({ enabled: true, host: '127.0.0.1', port: 4000 });
    expect(settings.webrtc.announced).toEqual(['203.0.113.7', '198.51.100.2']);
    expect(settings.app.enabled).toBe(false);
  });

  it('takes engines and their device, by default all that work', () => {
    expect(readSettings('', {}).media).toEqual({ engines: ['auto'], device: 'auto', try_seconds: 15 });
    const env = { SLUICE_MEDIA_ENGINES: 'vaapi, wasm', SLUICE_MEDIA_DEVICE: '/dev/dri/renderD129' };
    expect(readSettings('', env).media).toEqual({
      engines: ['vaapi', 'wasm'],
      device: '/dev/dri/renderD129',
      try_seconds: 15,
    });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readSettings('', { SLUICE_PORT: '' }).http.port).toBe(3000);
  });

  it.each([
    ['[http]\nport = 70000', {}, /http\.port \(SLUICE_PORT\)/],
    ['[http]\nprot = 3000', {}, /http\.prot: there is no such key/],
    ['', { SLUICE_PORT: 'many' }, /http\.port \(SLUICE_PORT\)/],
    ['[http', {}, /./],
    ['[https]\ncert = "a.pem"', {}, /belong together/],
    ['[media]\nengines = []', {}, /media\.engines \(SLUICE_MEDIA_ENGINES\): must name/],
    ['', { SLUICE_MEDIA_ENGINES: 'vaapi,gpu' }, /some of auto, vaapi/],
    ['', { SLUICE_MEDIA_ENGINES: 'wasm,wasm' }, /twice/],
    ['', { SLUICE_MEDIA_TRY_SECONDS: '0' }, /media\.try_seconds \(SLUICE_MEDIA_TRY_SECONDS\)/],
    [
      '',
      { SLUICE_MEDIA_DEVICE: 'renderD128' },
      /media\.device \(SLUICE_MEDIA_DEVICE\): must be auto or like/,
    ],
    ['', { SLUICE_HTTP: 'off', SLUICE_HTTPS: 'off' }, /nothing would listen/],
  ])('refuses %j with %j', (toml, env, message) => {
    expect(() => readSettings(toml, env)).toThrow(SettingsError);
    expect(() => readSettings(toml, env)).toThrow(message);
  });

  it.each([
    ['', true],
    ['[http]\nhost = "127.0.0.1"', false],
    ['[https]\nenabled = false', false],
    ['[public]\nsecure = false', false],
    ['[http]\nenabled = false\nhost = "127.0.0.1"', true],
  ])('sends token holders of %j to HTTPS: %j', (toml, secure) => {
    expect(tokensAreSecure(readSettings(toml, {}))).toBe(secure);
  });
});
