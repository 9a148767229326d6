// Owns the conversion of room configurations of OWT 3.x and the 2016 product (spec room-model §9) into the body that
// creates a room today. It converts; what it gives back is checked like any other body (room-document.ts).
import * as v from 'valibot';
import { roomDefaults } from '../../schemas/room-defaults.ts';
import { legacyResolution } from './legacy-resolution.ts';

const loose = <S extends v.GenericSchema>(schema: S) => v.fallback(v.optional(schema), undefined);
const flag = loose(v.union([v.boolean(), v.literal(0), v.literal(1)]));
const number = loose(v.number());
const text = loose(v.string());
const share = v.union([v.number(), v.string()]);

const square = v.object({ id: share, left: share, top: share, relativesize: share });
const parts = v.object({ numerator: v.number(), denominator: v.number() });
const part = v.union([share, parts]);
/** The last of 3.x had today's regions, with their fractions as objects. */
const area = v.object({ left: part, top: part, width: part, height: part });
const region = v.union([square, v.object({ id: share, area })]);
const layout = loose(v.object({ base: text, custom: loose(v.array(v.object({ region: v.array(region) }))) }));
const mediaMixing = v.object({
  video: loose(
    v.object({
      avCoordinated: flag,
      resolution: text,
      bkColor: loose(v.union([v.string(), v.record(v.string(), v.number())])),
      maxInput: number,
      crop: flag,
      layout,
    }),
  ),
});
type MediaMixing = v.InferOutput<typeof mediaMixing>;
const mixing = loose(mediaMixing);

const sipAccount = loose(v.object({ sipServer: v.string(), username: v.string(), password: v.string() }));

const legacyRoom = v.object({
  name: v.string(),
  publishLimit: number,
  userLimit: number,
  enableMixing: flag,
  mediaMixing: mixing,
  views: loose(v.record(v.string(), v.object({ mediaMixing: mixing }))),
  viewports: loose(v.array(v.object({ name: v.string(), mediaMixing: mixing }))),
  sipInfo: sipAccount,
  sip: sipAccount,
});

const oldFields = [
  'publishLimit',
  'userLimit',
  'enableMixing',
  'mediaMixing',
  'viewports',
  'sipInfo',
  'mode',
];

const everything = { audio: true, video: true };
const admin = { role: 'admin', publish: everything, subscribe: everything };

/** What is posted to create a room; its options are not checked yet. */
export interface RoomBody {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Whether a configuration has a field that only 3.x and older have, or views by name. */
export function isLegacyRoom(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const views: unknown = 'views' in value ? value.views : undefined;
  const named = typeof views === 'object' && views !== null && !Array.isArray(views);
  return named || oldFields.some((field) => field in value);
}

/** The body that makes the same room today; undefined without a name. Unknown values become today's defaults. */
export function convertLegacyRoom(value: unknown): RoomBody | undefined {
  const parsed = v.safeParse(legacyRoom, value);
  if (!parsed.success) return undefined;
  const { name, publishLimit, userLimit, enableMixing, sipInfo, sip = sipInfo } = parsed.output;
  const mixes = enableMixing !== 0 && enableMixing !== false;
  return {
    name,
    options: {
      ...(publishLimit === undefined ? {} : { inputLimit: publishLimit }),
      ...(userLimit === undefined ? {} : { participantLimit: userLimit }),
      roles: [...roomDefaults.roles, admin],
      views: mixes ? labelled(parsed.output).map(([label, settings]) => view(label, settings)) : [],
      ...(sip === undefined ? {} : { sip }),
    },
  };
}

function labelled({
  views,
  viewports,
  mediaMixing: single,
}: v.InferOutput<typeof legacyRoom>): readonly (readonly [string, MediaMixing | undefined])[] {
  if (views !== undefined) return Object.entries(views).map(([label, each]) => [label, each.mediaMixing]);
  if (viewports !== undefined) return viewports.map((each) => [each.name, each.mediaMixing]);
  return [[roomDefaults.view.label, single]];
}

function view(label: string, settings: MediaMixing | undefined): object {
  const { avCoordinated, resolution, bkColor, maxInput, crop, layout: old } = settings?.video ?? {};
  return {
    label,
    ...(avCoordinated === undefined ? {} : { audio: { vad: isOn(avCoordinated) } }),
    video: {
      ...(resolution === undefined ? {} : { parameters: { resolution: legacyResolution(resolution) } }),
      ...(maxInput === undefined ? {} : { maxInput }),
      ...(bkColor === undefined ? {} : { bgColor: colour(bkColor) }),
      layout: {
        ...(crop === undefined ? {} : { fitPolicy: isOn(crop) ? 'crop' : 'letterbox' }),
        templates: {
          ...(old?.base === undefined ? {} : { base: old.base }),
          custom: (old?.custom ?? []).map(({ region: regions }) => ({ region: regions.map(rectangle) })),
        },
      },
    },
  };
}

function isOn(value: boolean | 0 | 1): boolean {
  return value === true || value === 1;
}

function colour(value: string | Record<string, number>): object {
  if (typeof value !== 'string') return value;
  return value === 'white' ? { r: 255, g: 255, b: 255 } : { r: 0, g: 0, b: 0 };
}

/** The oldest regions are as wide as high, in shares of either side. */
function rectangle(old: v.InferOutput<typeof region>): object {
  const [left, top, width, height] =
    'area' in old
      ? [old.area.left, old.area.top, old.area.width, old.area.height]
      : [old.left, old.top, old.relativesize, old.relativesize];
  return {
    id: String(old.id),
    shape: 'rectangle',
    area: { left: fraction(left), top: fraction(top), width: fraction(width), height: fraction(height) },
  };
}

/** 0.667 is 667/1000, not 2/3; what is no decimal stays for the check of the body to refuse. */
function fraction(value: v.InferOutput<typeof part>): string {
  if (typeof value === 'object') return `${value.numerator}/${value.denominator}`;
  const decimal = /^(\d*)\.(\d{1,12})$/.exec(String(value));
  if (decimal === null) return String(value);
  const [, whole = '', digits = ''] = decimal;
  return `${Number(whole + digits)}/${10 ** digits.length}`;
}
