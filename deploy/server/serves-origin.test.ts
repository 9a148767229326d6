import { expect, it } from 'vitest';
import { servesOrigin } from './serves-origin.ts';
import { readSettings } from '../settings/settings.ts';

const here = { isp: 'cmcc', region: 'eu' };

it.each([
  ['', here, true],
  ['', { isp: 'isp', region: 'region' }, true],
  ['regions = ["eu"]', here, true],
  ['regions = ["us"]', here, false],
  ['regions = ["us"]', { isp: 'isp', region: 'region' }, false],
  ['regions = ["us"]\nregion_fallback.portal = true', here, true],
  ['regions = ["us"]\nregion_fallback.general = true', here, true],
  ['regions = ["us"]\nregion_fallback.webrtc = true', here, false],
  ['isps = ["other"]', here, false],
  ['isps = ["other", "cmcc"]', here, true],
])('an edge with %j serves %j: %j', (places, origin, expected) => {
  expect(servesOrigin(readSettings(`[cluster]\n${places}`, {}).cluster)(origin)).toBe(expected);
});
