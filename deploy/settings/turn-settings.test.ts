import { describe, expect, it } from 'vitest';
import { maskedMembers } from '../../edge/management/masked.ts';
import { readSettings, SettingsError } from './settings.ts';
import { iceServerTerms } from './turn-settings.ts';

const regional = `
[turn]
urls = ["turn:any.example:3478"]
secrets = ["s3cret-new", "s3cret-old"]
ttl_seconds = 600
[turn.regions.eu]
urls = ["turns:eu.example:5349?transport=tcp"]
[turn.regions.asia]
urls = ["turn:asia.example"]
secrets = ["s3cret-asia"]
[[webrtc.ice_servers]]
urls = ["stun:stun.example"]
`;

describe('TURN', () => {
  it('gives regions relays of their own, with the common secrets where they have none', () => {
    expect(iceServerTerms(readSettings(regional, {}))).toEqual({
      fixed: [{ urls: ['stun:stun.example'] }],
      relay: expect.objectContaining({
        urls: ['turn:any.example:3478'],
        secrets: ['s3cret-new', 's3cret-old'],
      }) as object,
      relayOfRegion: {
        eu: { urls: ['turns:eu.example:5349?transport=tcp'], secrets: ['s3cret-new', 's3cret-old'] },
        asia: { urls: ['turn:asia.example'], secrets: ['s3cret-asia'] },
      },
      ttlMs: 600_000,
    });
  });

  it('is nothing by default, and comes from the environment too', () => {
    expect(iceServerTerms(readSettings('', {}))).toMatchObject({ fixed: [], relay: { urls: [] } });
    const env = { SLUICE_TURN_URLS: 'turn:a, turns:b:443?transport=tcp', SLUICE_TURN_SECRETS: 'new, old' };
    expect(readSettings('', env).turn).toMatchObject({
      urls: ['turn:a', 'turns:b:443?transport=tcp'],
      secrets: ['new', 'old'],
      ttl_seconds: 86_400,
    });
  });

  it('is shown without its secrets', () => {
    const shown = JSON.stringify(maskedMembers(readSettings(regional, {})));
    expect(shown).toContain('turn:asia.example');
    expect(shown).not.toContain('s3cret');
  });

  it.each([
    ['[turn]\nurls = ["turn:a"]', /turn: relays need secrets/],
    ['[turn.regions.eu]\nurls = ["turn:a"]', /turn: relays need secrets/],
    ['[turn]\nurls = ["https://a"]\nsecrets = ["s"]', /must begin with turn:/],
    ['[turn]\nsecrets = [""]', /turn\.secrets/],
    ['[turn]\nttl_seconds = 5', /turn\.ttl_seconds/],
    ['[turn.regions.eu]\nurls = []\nsecrets = ["s"]', /turn\.regions\.eu\.urls/],
  ])('refuses %j', (toml, message) => {
    expect(() => readSettings(toml, {})).toThrow(SettingsError);
    expect(() => readSettings(toml, {})).toThrow(message);
  });

  it('does not repeat a secret in what it says of a mistake', () => {
    const mistaken = '[turn]\nurls = ["x"]\nsecrets = ["s3cret"]';
    expect(() => readSettings(mistaken, {})).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('s3cret') as string }) as Error,
    );
  });
});
