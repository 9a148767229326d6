// Owns the start of the page that shows the management interface: fetches its description and draws it.
import { render } from 'preact';
import '../app/style/theme.css';
import './style.css';
import { readDescription } from './model/operations.ts';
import { Page } from './view/page.tsx';

async function begin(root: HTMLElement): Promise<void> {
  try {
    const reply = await fetch('/openapi.json');
    if (!reply.ok) throw new Error(`the server answered ${reply.status}`);
    render(<Page description={readDescription(await reply.json())} />, root);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    render(<p class="nothing">The description could not be read: {why}.</p>, root);
  }
}

const root = document.getElementById('page');
if (root !== null) void begin(root);
