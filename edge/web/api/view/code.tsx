// Owns texts that are code: blocks that can be copied, and what stands between backticks in sentences.
import { Fragment } from 'preact';
import { useState } from 'preact/hooks';

export function CodeBlock({ label, text }: { readonly label: string; readonly text: string }) {
  const [copied, setCopied] = useState(false);
  const copy = () =>
    void navigator.clipboard.writeText(text).then(
      () => setCopied(true),
      () => setCopied(false),
    );
  return (
    <figure class="code">
      <figcaption>
        {label}
        {/* Browsers let only secure pages write to the clipboard. */}
        {isSecureContext && (
          <button type="button" onClick={copy}>
            {copied ? 'Copied' : 'Copy'}
          </button>
        )}
      </figcaption>
      <pre tabIndex={0}>
        <code>{text}</code>
      </pre>
    </figure>
  );
}

/** A text in paragraphs, with code between backticks. */
export function Prose({ text }: { readonly text: string }) {
  return (
    <>
      {text.split('\n\n').map((paragraph) => (
        <p key={paragraph}>
          {paragraph.split('`').map((part, index) => (
            <Fragment key={index}>{index % 2 === 1 ? <code>{part}</code> : part}</Fragment>
          ))}
        </p>
      ))}
    </>
  );
}
