// Owns the proof that a configuration is read as documented and that mistakes in it are named.
import { describe, expect, it } from 'vitest';
import { loadSettings, readSettings, SettingsError, tokensAreSecure } from './settings.ts';

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

  it('takes a database of its own for jobs', () => {
    const env = { REDIS_URL: 'redis://a/0', SLUICE_REDIS_JOBS_URL: 'redis://a/1' };
    expect(readSettings('', env).redis).toMatchObject({ url: 'redis://a/0', jobs_url: 'redis://a/1' });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(readSettings('', { SLUICE_PORT: '' }).http.port).toBe(3000);
  });

  it.each([
    ['[http]\nport = 70000', {}, /http\.port \(SLUICE_PORT\)/],
    ['[http]\nprot = 3000', {}, /^f: http\.prot: there is no such key; deploy\/README\.md has all$/],
    ['[http]\nport = "3000"', {}, /^f: http\.port \(SLUICE_PORT\): must be a number, not 3000$/],
    ['[worker]\nprocesses = 1.5', {}, /must be a whole number, not 1\.5$/],
    ['[http]\nenabled = "no"', {}, /must be true or false, not no$/],
    ['http = 3000', {}, /^f: http: must be a table$/],
    ['', { SLUICE_PORT: 'many' }, /^http\.port \(SLUICE_PORT\): must be a number, not many$/],
    ['', { SLUICE_PORT: '70000' }, /must be <=65535, not 70000$/],
    ['', { SLUICE_APP: 'false' }, /^app\.enabled \(SLUICE_APP\): must be on or off, not false$/],
    [
      '',
      { SLUICE_PURPOSES: 'webrtc,vidio' },
      /^worker\.purposes\.1 \(SLUICE_PURPOSES\): must be one of webrtc, audio, video, not vidio$/,
    ],
    ['', { SLUICE_PURPOSES: 'sip' }, /must be one of webrtc, audio, video, not sip$/],
    ['', { SLUICE_LOG: 'debug' }, /must be one of info, warn, error, silent, not debug$/],
    ['[turn]\nsecrets = "hush"', {}, /^(?!.*hush)f: turn\.secrets \(SLUICE_TURN_SECRETS\): must be a list$/],
    ['[relay]\npassword = 4711', {}, /^(?!.*4711)f: relay\.password .*: must be a text$/],
    ['[http', {}, /^f: line 1, column \d+: Invalid TOML/],
    ['[turn]\nsecrets = [hush]', {}, /^(?![^]*hush)f: line 2, column 12: Invalid TOML/],
    ['[turn]\nsecrets = ["hush"\nurls = 1', {}, /^(?![^]*hush)f: line \d, column \d+: Invalid TOML/],
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
    [
      '',
      { SLUICE_ANNOUNCED: '192.0.2.1,,' },
      /^webrtc\.announced\.1 \(SLUICE_ANNOUNCED\): must not be empty/,
    ],
    [
      '[[webrtc.ice_servers]]\nurls = ["a:3478"]',
      {},
      /^f: webrtc\.ice_servers\.0\.urls\.0: must begin with stun:/,
    ],
    ['', { REDIS_URL: 'http://a' }, /^redis\.url \(REDIS_URL\): must begin with redis/],
    ['', { REDIS_URL: 'redis://:hush@a:port' }, /^(?!.*hush)redis\.url \(REDIS_URL\): .*not like name:6379$/],
    ['[redis]\nurl = "redis://"', {}, /^f: redis\.url .*not like name:6379$/],
    ['', { SLUICE_REDIS_JOBS_URL: 'redis://secret@a' }, /^redis\.jobs_url .*: .* must be user:password/],
    ['', { REDIS_URL: 'redis://a/1' }, /^redis\.url \(REDIS_URL\): must not name a database: /],
    ['[homes.west]\nurl = "redis://a:1/2"', {}, /^f: homes\.west\.url: must not name a database: /],
  ])('refuses %j with %j', (toml, env, message) => {
    expect(() => readSettings(toml, env, 'f')).toThrow(SettingsError);
    expect(() => readSettings(toml, env, 'f')).toThrow(message);
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

describe('the file of settings', () => {
  it('may be absent, unless it is named', () => {
    expect(() => loadSettings('no/such.toml', {})).toThrow('cannot read no/such.toml: there is no such file');
  });

  it('is not passed over when it is there and cannot be read', () => {
    expect(() => loadSettings(import.meta.dirname, {})).toThrow(/^cannot read .*EISDIR/);
  });
});
