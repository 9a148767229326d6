// Owns what can be told of an encoded picture without decoding it: whether its units are those that its codec and its kind
// ask for, and whether its size is one that an encoder comes to. Pure, and cheap enough for each picture.
import type { Resolution, VideoFormat } from '../../../schemas/media.ts';
import type { EncodedUnit } from '../../engine/engine.ts';
import { splitAnnexB } from '../../frames/annex-b.ts';
import { obuType, splitObus } from '../../frames/av1-obu.ts';
import { nalType } from '../../frames/h264-nal.ts';
import { hevcHeader, hevcType, hevcTypeOf, isPlainHevc } from '../../frames/h265-nal.ts';

/** Parameter sets and headers. */
const overheadBytes = 4096;

/** What is wrong with it, in words; undefined for nothing. */
export function formFault(
  { codec }: VideoFormat,
  { data, key }: Pick<EncodedUnit, 'data' | 'key'>,
  size: Resolution,
): string | undefined {
  if (data.length > overheadBytes + (size.width * size.height * 3) / 2)
    return 'it is larger than the picture';
  if (key) return isKey(codec, data, size) ? undefined : 'it is no key frame, as is said of it';
  return isInter(codec, data) ? undefined : 'it is no picture that follows another';
}

function isKey(codec: VideoFormat['codec'], data: Uint8Array, { width, height }: Resolution): boolean {
  switch (codec) {
    case 'h264': {
      const types = h264Types(data);
      return [nalType.sps, nalType.pps, nalType.idr].every((type) => types?.includes(type) === true);
    }
    case 'h265': {
      const types = h265Types(data);
      const sets = [hevcType.vps, hevcType.sps, hevcType.pps];
      return sets.every((type) => types?.includes(type) === true) && types?.some(isAccess) === true;
    }
    case 'vp8': {
      const [first = 1, , , a, b, c, ...size] = data.subarray(0, 10);
      const sides = [width & 255, width >> 8, height & 255, height >> 8];
      const isSame = sides.every((side, at) => ((size[at] ?? 0) & (at % 2 === 0 ? 255 : 0x3f)) === side);
      return (first & 1) === 0 && a === 0x9d && b === 0x01 && c === 0x2a && isSame;
    }
    case 'vp9': {
      const [first = 0, a, b, c] = data;
      return first >> 6 === 2 && (first & 0x0c) === 0 && a === 0x49 && b === 0x83 && c === 0x42;
    }
    case 'av1':
      return av1Types(data)?.includes(obuType.sequenceHeader) === true && isInter(codec, data);
  }
}

function isInter(codec: VideoFormat['codec'], data: Uint8Array): boolean {
  switch (codec) {
    case 'h264': {
      const types = h264Types(data);
      return types?.includes(nalType.slice) === true && !types.includes(nalType.idr);
    }
    case 'h265': {
      const types = h265Types(data);
      return types?.some((type) => type < hevcType.firstAccess) === true && !types.some(isAccess);
    }
    case 'vp8':
      return ((data[0] ?? 0) & 1) === 1 && data.length > 3;
    case 'vp9':
      return (data[0] ?? 0) >> 6 === 2;
    case 'av1':
      return av1Types(data)?.some((type) => type === obuType.frame || type === obuType.frameHeader) === true;
  }
}

/** Undefined when one of them is none. */
function h264Types(data: Uint8Array): readonly number[] | undefined {
  const heads = splitAnnexB(data).map((unit) => unit[0] ?? 0x80);
  return heads.some((head) => (head & 0x80) !== 0) ? undefined : heads.map((head) => head & 31);
}

function h265Types(data: Uint8Array): readonly number[] | undefined {
  const heads = splitAnnexB(data).map((unit) => (unit.length < 2 ? 0x8000 : hevcHeader(unit)));
  return heads.every(isPlainHevc) ? heads.map(hevcTypeOf) : undefined;
}

function isAccess(type: number): boolean {
  return type >= hevcType.firstAccess && type <= hevcType.lastAccess;
}

function av1Types(data: Uint8Array): readonly number[] | undefined {
  return splitObus(data)?.map(({ type }) => type);
}
