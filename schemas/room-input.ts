// Owns the shape of room fields as clients send them: defaults, numbers as text, enumerations and ranges (spec room-model
// §1–§4). Rules across fields are in edge/management/room-document.ts. Unknown members are dropped.
import * as v from 'valibot';
import { audioCodecs, h264Profiles, videoCodecs } from './media.ts';
import { mediaEngineOrderSchema } from './media-engine.ts';
import { parseFraction } from './fraction.ts';
import { limits } from './request.ts';
import { viewLabelSchema } from './room.ts';
import { roomDefaults } from './room-defaults.ts';

const numeric = v.union([
  v.number(),
  v.pipe(v.string(), v.trim(), v.regex(/^-?\d+(\.\d+)?$/), v.transform(Number)),
]);
/** The console sends numbers as text. */
const number = v.pipe(numeric, v.finite());
const positive = v.pipe(numeric, v.finite(), v.gtValue(0));
const side = v.pipe(numeric, v.integer(), v.minValue(1), v.maxValue(limits.sidePixels));
/** Frames/s, seconds and kbit/s: no encoder does more, and what is stored here ends up in one. */
const framerate = v.pipe(positive, v.maxValue(240));
const keyFrameInterval = v.pipe(positive, v.maxValue(3600));
const bitrate = v.pipe(positive, v.maxValue(1e6));
const byte = v.pipe(numeric, v.integer(), v.minValue(0), v.maxValue(255));
const text = v.pipe(v.string(), v.minLength(1));
const numberOrText = v.union([v.string(), v.pipe(v.number(), v.transform(String))]);
/** A multiplier such as "x0.8", or kbit/s as text. */
const offeredBitrate = v.pipe(
  numberOrText,
  v.regex(/^x?\d{1,7}(\.\d{1,6})?$/),
  v.check((value) => Number(value.replace('x', '')) > 0, 'A bitrate must be above 0'),
);
const most = { views: 64, templates: 64, regions: 256, entries: 256 } as const;
const few = <S extends v.GenericSchema>(entry: S) => v.pipe(v.array(entry), v.maxLength(most.entries));

const audioFormat = v.object({
  codec: v.picklist(audioCodecs),
  sampleRate: v.optional(positive),
  channelNum: v.optional(positive),
});
const videoFormat = v.object({
  codec: v.picklist(videoCodecs),
  profile: v.optional(v.picklist(h264Profiles)),
});

const allowed = v.optional(v.boolean(), false);
const rights = v.optional(v.object({ audio: allowed, video: allowed }), {});
const role = v.object({ role: text, publish: rights, subscribe: rights });

const fraction = v.pipe(
  numberOrText,
  v.check(
    (value) => parseFraction(value) !== undefined,
    (issue) => `${issue.input} is not a valid fraction string!`,
  ),
);
/** At least 0 and less than 1. */
const position = v.pipe(
  fraction,
  v.check((value) => inRange(value, (n, d) => n < d), 'Region lies outside the picture'),
);
/** More than 0 and at most 1. */
const extent = v.pipe(
  fraction,
  v.check((value) => inRange(value, (n, d) => n > 0 && n <= d), 'Region is empty or larger than the picture'),
);
function inRange(value: string, holds: (numerator: number, denominator: number) => boolean): boolean {
  const parsed = parseFraction(value);
  // What cannot be read has been reported already.
  return parsed === undefined || holds(parsed.numerator, parsed.denominator);
}

const region = v.object({
  id: v.pipe(numberOrText, v.minLength(1), v.maxLength(limits.idChars)),
  shape: v.optional(v.literal('rectangle'), 'rectangle'),
  area: v.object({ left: position, top: position, width: extent, height: extent }),
});
const templates = v.pipe(
  v.object({
    base: v.optional(v.picklist(['fluid', 'lecture', 'void']), 'fluid'),
    custom: v.optional(
      v.pipe(
        v.array(
          v.object({
            primary: v.optional(numberOrText),
            region: v.pipe(v.array(region), v.minLength(1), v.maxLength(most.regions)),
          }),
        ),
        v.maxLength(most.templates),
      ),
      [],
    ),
  }),
  v.check(
    ({ base, custom }) => base !== 'void' || custom.length > 0,
    'Layout base void needs custom templates',
  ),
);

const { view: viewDefaults } = roomDefaults;
const shade = v.optional(byte, 0);
const viewVideo = v.object({
  format: v.optional(videoFormat, viewDefaults.videoFormat),
  parameters: v.optional(
    v.object({
      resolution: v.optional(
        v.object({
          width: v.optional(side, viewDefaults.width),
          height: v.optional(side, viewDefaults.height),
        }),
        {},
      ),
      framerate: v.optional(framerate, viewDefaults.framerate),
      bitrate: v.optional(bitrate),
      keyFrameInterval: v.optional(keyFrameInterval, viewDefaults.keyFrameInterval),
    }),
    {},
  ),
  maxInput: v.optional(v.pipe(numeric, v.integer(), v.minValue(1), v.maxValue(256)), viewDefaults.maxInput),
  motionFactor: v.optional(v.pipe(positive, v.maxValue(100)), viewDefaults.motionFactor),
  bgColor: v.optional(v.object({ r: shade, g: shade, b: shade }), {}),
  keepActiveInputPrimary: v.optional(v.boolean(), false),
  layout: v.optional(
    v.object({
      fitPolicy: v.optional(v.picklist(['letterbox', 'crop']), 'letterbox'),
      setRegionEffect: v.optional(v.string()),
      templates: v.optional(templates, {}),
    }),
    {},
  ),
});

const view = v.object({
  label: v.optional(viewLabelSchema, viewDefaults.label),
  audio: v.optional(
    v.object({
      format: v.optional(audioFormat, viewDefaults.audioFormat),
      vad: v.optional(v.boolean(), true),
    }),
    {},
  ),
  video: v.optional(
    v.lazy((value) => (value === false ? v.literal(false) : viewVideo)),
    {},
  ),
});

const on = v.optional(v.boolean(), true);

/** Give `{}` for an object's defaults. */
const fields = {
  inputLimit: number,
  participantLimit: number,
  selectActiveAudio: v.boolean(),
  enableBandwidthAdaptation: v.boolean(),
  roles: few(role),
  views: v.pipe(
    v.array(view),
    v.maxLength(most.views),
    v.check(
      (views) => new Set(views.map(({ label }) => label)).size === views.length,
      'Two views have the same label',
    ),
  ),
  mediaIn: v.object({
    audio: v.optional(few(audioFormat), roomDefaults.audioIn),
    video: v.optional(few(videoFormat), roomDefaults.videoIn),
  }),
  mediaOut: v.object({
    audio: v.optional(few(audioFormat), roomDefaults.audioOut),
    video: v.optional(
      v.object({
        format: v.optional(few(videoFormat), roomDefaults.videoOut),
        parameters: v.optional(
          v.object({
            resolution: v.optional(few(v.pipe(v.string(), v.maxLength(32))), roomDefaults.resolution),
            framerate: v.optional(few(framerate), roomDefaults.framerate),
            bitrate: v.optional(few(offeredBitrate), roomDefaults.bitrate),
            keyFrameInterval: v.optional(few(keyFrameInterval), roomDefaults.keyFrameInterval),
          }),
          {},
        ),
      }),
      {},
    ),
  }),
  transcoding: v.object({
    audio: on,
    video: v.optional(
      v.object({
        format: on,
        parameters: v.optional(
          v.object({ resolution: on, framerate: on, bitrate: on, keyFrameInterval: on }),
          {},
        ),
      }),
      {},
    ),
  }),
  notifying: v.object({ participantActivities: on, streamChange: on }),
};
/** ISO 8601 with its zone, or milliseconds since 1970. */
const time = v.union([
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8.64e15)),
  v.pipe(
    v.string(),
    v.isoTimestamp(),
    v.transform((written) => Date.parse(written)),
  ),
]);
const schedule = v.pipe(
  v.strictObject({ opensAt: v.exactOptional(time), closesAt: v.exactOptional(time) }),
  v.check(
    ({ opensAt = -Infinity, closesAt = Infinity }) => opensAt < closesAt,
    'A room cannot close before it opens',
  ),
);
const sip = v.object({ sipServer: text, username: text, password: text });

/** What a room is made of beside its name; all of it may be left out. */
export const roomOptionsSchema = v.object({
  inputLimit: v.optional(fields.inputLimit, roomDefaults.unlimited),
  participantLimit: v.optional(fields.participantLimit, roomDefaults.unlimited),
  selectActiveAudio: v.optional(fields.selectActiveAudio, false),
  enableBandwidthAdaptation: v.optional(fields.enableBandwidthAdaptation, false),
  roles: v.optional(fields.roles, roomDefaults.roles),
  views: v.optional(fields.views, [{}]),
  mediaIn: v.optional(fields.mediaIn, {}),
  mediaOut: v.optional(fields.mediaOut, {}),
  transcoding: v.optional(fields.transcoding, {}),
  notifying: v.optional(fields.notifying, {}),
  sip: v.optional(sip),
  schedule: v.exactOptional(schedule),
  mediaEngines: v.exactOptional(mediaEngineOrderSchema),
});

/** Each field that is there replaces the stored one as a whole. */
export const roomUpdateSchema = v.object({
  name: v.exactOptional(text),
  inputLimit: v.exactOptional(fields.inputLimit),
  participantLimit: v.exactOptional(fields.participantLimit),
  selectActiveAudio: v.exactOptional(fields.selectActiveAudio),
  enableBandwidthAdaptation: v.exactOptional(fields.enableBandwidthAdaptation),
  roles: v.exactOptional(fields.roles),
  views: v.exactOptional(fields.views),
  mediaIn: v.exactOptional(fields.mediaIn),
  mediaOut: v.exactOptional(fields.mediaOut),
  transcoding: v.exactOptional(fields.transcoding),
  notifying: v.exactOptional(fields.notifying),
  sip: v.exactOptional(sip),
  schedule: v.exactOptional(schedule),
  mediaEngines: v.exactOptional(mediaEngineOrderSchema),
});
