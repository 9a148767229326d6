// Owns how a shape is drawn: a line for each member, inner ones folded until they are asked for.
import type { Member, Shape } from '../model/shape.ts';

/** Members deeper than this begin folded. */
const openDepth = 1;

export function ShapeView({ shape, depth = 0 }: { readonly shape: Shape; readonly depth?: number }) {
  const { members, choices } = shape;
  return (
    <>
      {members.length > 0 && (
        <ul class="members">
          {members.map((member) => (
            <MemberLine key={member.name} member={member} depth={depth} />
          ))}
        </ul>
      )}
      {choices.length > 0 && (
        <ol class="choices">
          {choices.map((each, index) => (
            <li key={index}>
              <Type shape={each} />
              <ShapeView shape={each} depth={depth + 1} />
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

function MemberLine({ member, depth }: { readonly member: Member; readonly depth: number }) {
  const { name, required, shape } = member;
  const line = (
    <>
      <code class="name">{name}</code>
      {required && <span class="needed">required</span>}
      <Type shape={shape} />
    </>
  );
  if (shape.members.length + shape.choices.length === 0) return <li class="line">{line}</li>;
  return (
    <li>
      <details open={depth < openDepth && shape.members.length < 8}>
        <summary class="line">{line}</summary>
        <ShapeView shape={shape} depth={depth + 1} />
      </details>
    </li>
  );
}

export function Type({ shape: { type, notes } }: { readonly shape: Shape }) {
  return (
    <>
      <span class="type">{type}</span>
      {notes.length > 0 && <span class="notes">{notes.join(', ')}</span>}
    </>
  );
}
