// Owns a view for tests: named streams with one input each, and the layout as short texts.
import type { Refused } from '../decision.ts';
import type { RegionSetting } from '../../../schemas/room.ts';
import type { LayoutEntry, Region } from '../../../schemas/stream.ts';
import { viewTemplates } from './templates.ts';
import type { TemplateSettings } from './templates.ts';
import { join, leaveStream, noInputs } from './view-inputs.ts';
import type { ViewInputs, ViewRules } from './view-inputs.ts';
import { viewLayout } from './view-layout.ts';

export function rules(
  maxInput: number,
  base: TemplateSettings['base'] = 'fluid',
  custom: readonly RegionSetting[][] = [],
): ViewRules {
  const settings = { base, custom: custom.map((region) => ({ region })) };
  return { templates: viewTemplates(settings, maxInput), maxInput };
}

export function joined(given: ViewRules, streams: string, view: ViewInputs = noInputs): ViewInputs {
  return Array.from(streams).reduce(
    (after, stream) => join(given, after, { id: `${stream}-1`, stream }),
    view,
  );
}

export function left(view: ViewInputs, streams: string): ViewInputs {
  return Array.from(streams).reduce((after, stream) => leaveStream(after, stream), view);
}

export function shown(given: ViewRules, view: ViewInputs): string {
  return layoutText(viewLayout(given, view));
}

/** `<region>:<stream>` for each region, `<region>:` for an empty one. */
export function layoutText(layout: readonly LayoutEntry[]): string {
  return layout.map(({ stream, region }) => `${region.id}:${stream ?? ''}`).join(' ');
}

export function pending(view: ViewInputs): string {
  return view.pending.map(({ stream }) => stream).join('');
}

/** Columns of equal width with the given ids, the first of them for `streams`. */
export function columns(ids: string, streams: string | readonly string[] = ''): LayoutEntry[] {
  return Array.from(ids).map((id, index) => {
    const area = { left: `${index}/${ids.length}`, top: '0/1', width: `1/${ids.length}`, height: '1/1' };
    const region: Region = { id, shape: 'rectangle', area };
    const stream = streams[index];
    return stream === undefined ? { region } : { stream, region };
  });
}

/** The result of what must have been accepted. */
export function accepted(change: { readonly ok: true; readonly view: ViewInputs } | Refused): ViewInputs {
  if (!change.ok) throw new Error(`refused: ${change.refusal.message}`);
  return change.view;
}
