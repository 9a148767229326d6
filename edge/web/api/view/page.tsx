// Owns the page as a whole: search, version, groups of operations, and which of them are open.
import { useEffect, useState } from 'preact/hooks';
import { isFound, type Description } from '../model/operations.ts';
import { Prose } from './code.tsx';
import { OperationCard } from './operation-card.tsx';

const versions = ['v1', 'v1.1'];

export function Page({ description }: { readonly description: Description }) {
  const named = decodeURIComponent(location.hash.slice(1));
  const asked = description.operations.find(({ id }) => id === named);
  const [search, setSearch] = useState('');
  const [version, setVersion] = useState(asked?.version === 'v1.1' ? 'v1.1' : 'v1');
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set(asked === undefined ? [] : [asked.id]));
  useEffect(() => {
    if (asked !== undefined) document.getElementById(asked.id)?.scrollIntoView();
  }, []);

  const shown = description.operations.filter(
    (operation) => [version, ''].includes(operation.version) && isFound(operation, search),
  );
  const groups = description.tags
    .map((tag) => ({ tag, operations: shown.filter((operation) => operation.tag === tag) }))
    .filter(({ operations }) => operations.length > 0);

  const toggled = (id: string, open: boolean) => {
    const next = new Set(opened);
    if (open) next.add(id);
    else next.delete(id);
    setOpened(next);
    if (open) history.replaceState(null, '', `#${id}`);
  };

  return (
    <>
      <header class="top">
        <a class="home" href="/" title="Sluice">
          <img src="/icon.svg" alt="Sluice" width="30" height="30" />
        </a>
        <input
          type="search"
          aria-label="Search"
          placeholder="Search: drop participant, POST recordings, layout …"
          value={search}
          onInput={({ currentTarget }) => setSearch(currentTarget.value)}
        />
        <div class="versions" role="group" aria-label="Version">
          {versions.map((each) => (
            <button key={each} type="button" aria-pressed={each === version} onClick={() => setVersion(each)}>
              {each}
            </button>
          ))}
        </div>
      </header>
      <nav class="groups" aria-label="Groups">
        {groups.map(({ tag, operations }) => (
          <a key={tag} href={`#${anchor(tag)}`}>
            {tag} <small>{operations.length}</small>
          </a>
        ))}
      </nav>
      <main>
        {search === '' && (
          <section class="intro">
            <h1>{description.title}</h1>
            <Prose text={description.text} />
            <p>
              The same for programs: <a href="/openapi.json">openapi.json</a>
            </p>
          </section>
        )}
        {groups.length === 0 && <p class="nothing">Nothing here is called that.</p>}
        {groups.map(({ tag, operations }) => (
          <section key={tag} class="group" id={anchor(tag)}>
            <h2>{tag}</h2>
            {operations.map((operation) => (
              <OperationCard
                key={operation.id}
                operation={operation}
                open={opened.has(operation.id)}
                toggled={(open) => toggled(operation.id, open)}
              />
            ))}
          </section>
        ))}
      </main>
    </>
  );
}

function anchor(tag: string): string {
  return `group-${tag.toLowerCase().replaceAll(' ', '-')}`;
}
