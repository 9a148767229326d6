// Owns what stands for a person without a picture: the initials on the colour of the name.
import { hueOf, initialsOf } from '../model/hue.ts';

export function Avatar({ name, small = false }: { readonly name: string; readonly small?: boolean }) {
  return (
    <span
      class={`avatar ${small ? 'small' : ''}`}
      style={{ '--hue': String(hueOf(name)) }}
      aria-hidden="true"
    >
      {initialsOf(name)}
    </span>
  );
}
