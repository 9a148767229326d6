// Owns the list of dashboards, by the name of their file.
import type { Dashboard } from './dashboard.ts';
import { edges } from './edges.ts';
import { media } from './media.ts';
import { overview } from './overview.ts';

export const dashboards: Readonly<Record<string, Dashboard>> = { overview, edges, media };
