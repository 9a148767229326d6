// Owns the text that tells a client what is wrong with its request (portal-protocol §6): `request<path> <reason> <json>`
// for each fault, joined by commas.
import type * as v from 'valibot';

const maxIssues = 5;
const maxChars = 300;

/** For people to read; bounded, whatever the client sent. */
export function describeIssues(issues: readonly v.BaseIssue<unknown>[]): string {
  return issues.slice(0, maxIssues).map(describe).join(',');
}

function describe(issue: v.BaseIssue<unknown>): string {
  const { expected, received } = issue;
  const parameter = JSON.stringify({ ...(expected === null ? {} : { expected }), received });
  return `request${path(issue)} ${issue.message} ${parameter}`.slice(0, maxChars);
}

function path(issue: v.BaseIssue<unknown>): string {
  return (issue.path ?? [])
    .map(({ key }) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('');
}
