// Owns which folder may import which (and that nothing imports in a circle). Folders and reasons: README.md, "Folders".
// Tests beside the code, the conformance suites of ports, and the scripted partners that tests share.
const unitTest = '\\.test\\.tsx?$|^edge/store/conformance/|/scripted-[^/]+\\.ts$';
const browser = '^edge/(client|web/app|web/api)/';
const nodeOnly =
  '^(socket\\.io|ws|@hono/node-server|redis|ioredis|bullmq)(/|$)|node_modules/(socket\\.io|ws|@hono/node-server|redis|ioredis|bullmq)/';

/** `from` may import, of our own folders, only those in `allowed` (and itself); a name that ends in `$` is a file. */
const only = (folder, allowed, comment) => ({
  name: `${folder}-imports`,
  comment,
  severity: 'error',
  from: { path: `^${folder}/` },
  to: {
    path: '^(schemas|edge|wasm|native|workers|deploy|test)/',
    pathNot: [folder, ...allowed].map((name) => (name.endsWith('$') ? `^${name}` : `^${name}/`)),
  },
});

/** Of the rooms of deploy, the one named may import only those in `allowed`: programs stand on what they are made of. */
const room = (name, allowed) => ({
  name: `deploy-${name}-imports`,
  comment: 'Rooms of deploy stand on each other in one order: deploy/README.md.',
  severity: 'error',
  from: { path: `^deploy/${name}/` },
  to: { path: '^deploy/', pathNot: [name, ...allowed].map((other) => `^deploy/${other}/`) },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circle',
      comment: 'What imports in a circle cannot be understood, tested or moved alone.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    only('schemas', [], 'Shapes on the wire depend on nothing of ours.'),
    only('wasm', [], 'Codec modules stand alone.'),
    {
      ...only(
        'native',
        ['wasm/build/run\\.mjs$'],
        'The addon stands alone; only its tests let the codec modules judge it. Builds run programs alike.',
      ),
      from: { path: '^native/', pathNot: unitTest },
    },
    only('edge', ['schemas'], 'The edge talks to workers over the bus only.'),
    only('workers', ['schemas', 'wasm', 'native'], 'Workers know no edge.'),
    only('deploy', ['schemas', 'edge', 'workers'], 'What runs in production never imports tests.'),
    room('settings', []),
    room('process', ['settings']),
    room('server', ['process', 'settings']),
    room('worker-host', ['process', 'settings']),
    room('programs', ['server', 'worker-host', 'process', 'settings']),
    {
      name: 'rim-only',
      comment: 'Inside edge only edge/platform touches Node; the rest runs on any Web-standard runtime.',
      severity: 'error',
      from: { path: '^edge/', pathNot: ['^edge/platform/', unitTest] },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'rim-only-packages',
      comment: 'Packages bound to Node are wired in edge/platform only.',
      severity: 'error',
      from: { path: '^edge/', pathNot: ['^edge/platform/', unitTest] },
      to: { path: nodeOnly },
    },
    {
      name: 'platform-is-outermost',
      comment: 'The core takes its ports as arguments; only deploy composes platform and core.',
      severity: 'error',
      from: { path: '^edge/', pathNot: ['^edge/platform/', unitTest] },
      to: { path: '^edge/platform/' },
    },
    {
      name: 'browser-stays-in-browser',
      comment: 'Browser code imports shapes, itself and browser packages.',
      severity: 'error',
      from: { path: browser, pathNot: unitTest },
      to: { path: '^edge/', pathNot: browser },
    },
    {
      name: 'server-imports-no-browser',
      comment: 'The server serves the built bundle; it never runs browser code.',
      severity: 'error',
      from: { path: '^(edge|workers|deploy)/', pathNot: [browser, unitTest] },
      to: { path: browser },
    },
    {
      name: 'tests-are-leaves',
      comment: 'What is there for tests only is used by tests only.',
      severity: 'error',
      from: { path: '^(schemas|edge|workers|deploy)/', pathNot: unitTest },
      to: { path: unitTest },
    },
    {
      name: 'rtp-is-pure',
      comment: 'Packet arithmetic takes time and bytes as arguments.',
      severity: 'error',
      from: { path: '^workers/rtp/', pathNot: unitTest },
      to: { dependencyTypes: ['core', 'npm'] },
    },
    {
      name: 'one-thread-has-the-addon',
      comment:
        'Two threads that load node-datachannel abort the process: nothing a mixing thread runs may reach it.',
      severity: 'error',
      from: { path: '^workers/mixing/thread\\.ts$' },
      to: { path: '^node_modules/node-datachannel/', reachable: true },
    },
    {
      name: 'declared-packages-only',
      comment: 'An undeclared package works until somebody else drops it.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'production-packages-only',
      comment: 'What runs in production may not need a development dependency.',
      severity: 'error',
      from: { path: '^(schemas|edge|workers|deploy)/', pathNot: unitTest },
      to: { dependencyTypes: ['npm-dev'], pathNot: '^node_modules/@types/' },
    },
    {
      name: 'resolvable',
      comment: 'An import must lead somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^build/'] },
    exclude: { path: '^(build|data)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
