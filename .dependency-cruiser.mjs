/**
 * The directions in which imports may point. `npm run lint` checks them.
 * @see infra/docs/architecture.md for the rooms
 */
const tests = '\\.test\\.ts$|^infra/tests/|^functions/lib/testing/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'Two files that import each other can only be understood together.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'functions-import-no-infra',
      comment: 'Functions run on Lambda too, where there is no infra.',
      severity: 'error',
      from: { path: '^functions/', pathNot: tests },
      to: { path: '^infra/' },
    },
    {
      name: 'router-knows-no-function',
      comment: 'The router hosts any functions. It knows them by dist/functions.json alone.',
      severity: 'error',
      from: { path: '^infra/(router|runtime-client|wire|v8|http)/', pathNot: tests },
      to: { path: '^functions/' },
    },
    {
      name: 'runtime-client-imports-no-router',
      comment: 'The runtime client runs in the process of a function.',
      severity: 'error',
      from: { path: '^infra/runtime-client/', pathNot: tests },
      to: { path: '^infra/router/' },
    },
    {
      name: 'shared-rooms-import-no-side',
      comment: 'Router and function use wire and v8, router and site use http.',
      severity: 'error',
      from: { path: '^infra/(wire|v8|http)/', pathNot: tests },
      to: { path: '^(infra/(router|runtime-client)|site)/' },
    },
    {
      name: 'runtime-imports-no-cluster',
      comment: 'A router process hosts functions in the same way, whether it is alone or one of several.',
      severity: 'error',
      from: { path: '^infra/router/runtime/', pathNot: tests },
      to: { path: '^infra/router/cluster/' },
    },
    {
      name: 'site-imports-pure-modules',
      comment:
        'Browsers run what the site imports: of functions it may use the validation and the text rules of users, and the roles. Its ' +
        'server shares the handling of connections with the router.',
      severity: 'error',
      from: { path: '^site/', pathNot: tests },
      to: {
        path: '^(functions|infra)/',
        pathNot: '^functions/lib/(users/(types|fields|email)|accounts/roles|text)\\.ts$|^infra/http/',
      },
    },
    {
      name: 'product-imports-no-test',
      comment: 'What is shipped must not need what is not.',
      severity: 'error',
      from: { pathNot: `${tests}|^infra/(bench|scripts)/` },
      to: { path: tests },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|infra/router/dist|infra/bench/node_modules)/' },
    tsPreCompilationDeps: 'specify',
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
