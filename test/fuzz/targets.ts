// Owns the list of what is fuzzed. A target is one file beside this one; add it here.
import { audioMixingTarget } from './audio-mixing.ts';
import { depacketizersTarget } from './depacketizers.ts';
import { drmClientTarget } from './drm-client.ts';
import { linkTarget } from './link.ts';
import { nativeSessionTarget } from './native-session.ts';
import { respTarget } from './resp.ts';
import { roomImportTarget } from './room-import.ts';
import { rtcpTarget } from './rtcp.ts';
import { rtpExtensionsTarget } from './rtp-extensions.ts';
import { rtpTarget } from './rtp.ts';
import { sdpFuzz } from './sdp.ts';
import { crowdFuzz } from './signaling-crowd.ts';
import { owtFuzz, signalFuzz } from './signaling.ts';
import type { FuzzTarget } from './target.ts';
import { tokensTarget } from './tokens.ts';
import { videoPipelineTarget } from './video-pipeline.ts';

export const targets: readonly FuzzTarget[] = [
  rtpTarget,
  rtpExtensionsTarget,
  rtcpTarget,
  depacketizersTarget,
  videoPipelineTarget,
  audioMixingTarget,
  nativeSessionTarget,
  linkTarget,
  sdpFuzz,
  signalFuzz,
  owtFuzz,
  crowdFuzz,
  respTarget,
  roomImportTarget,
  tokensTarget,
  drmClientTarget,
];
