// Owns what a page must be in each of its states: no wider than its window, and nothing to hit that is too small.
import type { Page } from 'playwright-core';

/** One line for each fault: too wide by so many pixels, or a control below 44 × 44. */
export async function misfits(page: Page): Promise<readonly string[]> {
  return page.evaluate<string[]>(`(() => {
    const root = document.documentElement;
    const wide = root.scrollWidth - root.clientWidth;
    const small = [...document.querySelectorAll('button, select, input, textarea')]
      .map((element) => [element.getAttribute('aria-label') ?? element.textContent, element.getBoundingClientRect()])
      .filter(([, { width, height }]) => width > 0 && (Math.round(width) < 44 || Math.round(height) < 44))
      .map(([label, { width, height }]) => label + ' ' + width + 'x' + height);
    return [...(wide > 0 ? ['too wide by ' + wide] : []), ...small];
  })()`);
}
