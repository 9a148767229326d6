// Owns which layout templates a view has and which one serves so many inputs (room-model §4.4, §4.5). The shapes of the
// built-in ones are in `fluid` and `lecture`.
import type { ViewSetting } from '../../../schemas/room.ts';
import type { Region } from '../../../schemas/stream.ts';
import { customTemplate } from './custom.ts';
import { fluidTemplates } from './fluid.ts';
import { lectureTemplates } from './lecture.ts';

/** Regions in the order in which inputs take them; the first is the primary one. */
export type Template = readonly Region[];

export type VideoViewSetting = Exclude<ViewSetting['video'], false>;
export type TemplateSettings = VideoViewSetting['layout']['templates'];

/**
 * A view's templates by ascending count of regions, one for each count: custom ones before built-in ones, and of two
 * custom ones of a count the later. Empty only for `void` without a custom template.
 */
export function viewTemplates({ base, custom }: TemplateSettings, maxInput: number): readonly Template[] {
  const byCount = new Map<number, Template>();
  for (const template of builtIn(base, maxInput)) byCount.set(template.length, template);
  for (const { region } of custom) {
    const template = customTemplate(region);
    if (template !== undefined) byCount.set(template.length, template);
  }
  return [...byCount.values()].sort((a, b) => a.length - b.length);
}

/**
 * The smallest of `templates` (as `viewTemplates` gives them) with a region for each of `inputs`, else the largest: the
 * surplus is not shown. No inputs get what one would.
 */
export function chooseTemplate(templates: readonly Template[], inputs: number): Template {
  return templates.find(({ length }) => length >= inputs) ?? templates.at(-1) ?? [];
}

function builtIn(base: TemplateSettings['base'], maxInput: number): readonly Template[] {
  switch (base) {
    case 'fluid':
      return fluidTemplates(maxInput);
    case 'lecture':
      return lectureTemplates(maxInput);
    case 'void':
      return [];
  }
}
