// Owns the process of `npm run rest`.
import { rest } from './rest.ts';

process.exitCode = await rest(process.argv.slice(2), process.env, {
  out: (text) => console.log(text),
  error: (text) => console.error(text),
});
