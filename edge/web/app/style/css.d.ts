// Owns what the compiler is told of style sheets: the bundler takes them, they export nothing.
declare module '*.css';
