import { describe, expect, it } from 'vitest';
import { avatarPicture, avatarSize, groundPicture, groundSize } from './avatar.ts';

describe('the avatar', () => {
  const packed = avatarPicture();
  const { width, height } = avatarSize;
  const luma = (x: number, y: number): number => packed[y * width + x] ?? 0;

  it('is 180×180, the same at every call, the same left and right', () => {
    expect(avatarSize).toEqual({ width: 180, height: 180 });
    expect(packed.length).toBe((width * height * 3) / 2);
    expect(avatarPicture()).toEqual(packed);
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) expect(luma(x, y)).toBe(luma(width - 1 - x, y));
    }
  });

  it('has a head and shoulders on a ground that tiles continue', () => {
    const ground = groundPicture();
    expect(ground.length).toBe((groundSize.width * groundSize.height * 3) / 2);
    expect([luma(0, 0), luma(179, 179)]).toEqual([ground[0], ground[0]]);
    const [head, disc, neck, shoulders] = [luma(90, 70), luma(40, 60), luma(90, 97), luma(90, 140)];
    expect(head).toBe(shoulders);
    expect(head).toBeGreaterThan(disc);
    expect(disc).toBeGreaterThan(ground[0] ?? 0);
    expect(neck).toBe(disc);
  });

  it('keeps within the range of video', () => {
    expect(Math.min(...packed)).toBeGreaterThanOrEqual(16);
    expect(Math.max(...packed)).toBeLessThanOrEqual(235);
  });
});
