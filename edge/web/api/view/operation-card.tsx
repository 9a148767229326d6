// Owns one operation on the page: a line that opens into what it takes, what it gives and how to ask for it.
import { commandOf, type Operation, type Part } from '../model/operations.ts';
import { CodeBlock, Prose } from './code.tsx';
import { ShapeView, Type } from './shape-view.tsx';

export function OperationCard({
  operation,
  open,
  toggled,
}: {
  readonly operation: Operation;
  readonly open: boolean;
  readonly toggled: (open: boolean) => void;
}) {
  const { id, method, path, summary } = operation;
  return (
    <details
      class="operation"
      id={id}
      open={open}
      onToggle={({ currentTarget }) => {
        if (currentTarget.open !== open) toggled(currentTarget.open);
      }}
    >
      <summary>
        <span class={`method ${method.toLowerCase()}`}>{method}</span>
        <span class="path">
          {path
            .split(/(\{\w+\})/)
            .map((part, index) =>
              index % 2 === 1 ? (
                <i key={index}>{part}</i>
              ) : (
                <span key={index}>{part.replaceAll('/', '/\u200b')}</span>
              ),
            )}
        </span>
        <span class="what">{summary}</span>
      </summary>
      {open && <Inside operation={operation} />}
    </details>
  );
}

function Inside({ operation }: { readonly operation: Operation }) {
  const { description, signed, parameters, body, reply, failures } = operation;
  return (
    <div class="inside">
      {description !== '' && <Prose text={description} />}
      {!signed && <p>For anyone, without credentials.</p>}
      {parameters.length > 0 && (
        <section>
          <h4>Parameters</h4>
          <ul class="members">
            {parameters.map(({ name, where, meaning, shape }) => (
              <li class="line" key={name}>
                <code class="name">{name}</code>
                {where === 'path' ? <span class="needed">in the path</span> : <Type shape={shape} />}
                {meaning !== '' && <span class="notes">{meaning}</span>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {body !== undefined && <PartView title="Body" part={body} />}
      <CodeBlock label="Example" text={commandOf(operation, location.origin)} />
      {reply === undefined ? (
        <section>
          <h4>Reply</h4>
          <p>Empty.</p>
        </section>
      ) : (
        <PartView title="Reply" part={reply} />
      )}
      {failures.length > 0 && (
        <section>
          <h4>Errors</h4>
          <ul class="members">
            {failures.map(({ status, meaning }) => (
              <li class="line" key={status}>
                <code class="name">{status}</code>
                <span class="notes">{meaning}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

function PartView({
  title,
  part: { type, shape, example },
}: {
  readonly title: string;
  readonly part: Part;
}) {
  const text = typeof example === 'string' ? example : JSON.stringify(example, undefined, 2);
  return (
    <section>
      <h4>
        {title} <Type shape={type === 'text/plain' ? { ...shape, type: 'text' } : shape} />
      </h4>
      <ShapeView shape={shape} />
      {example !== undefined && <CodeBlock label={`Such a ${title.toLowerCase()}`} text={text} />}
    </section>
  );
}
