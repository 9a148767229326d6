// Owns the type of a Lua file's text: the bundler and the test runner bring it in as a string.
declare module '*.lua' {
  const text: string;
  export { text as default };
}
