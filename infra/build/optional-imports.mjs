/** Keeps modules out of the bundles that Knex and lambda-api load on demand and no function here uses. */

/** Each rule names the files that it applies to, so that a handler's own './postgres.ts' or 'pg' is bundled. */
const rules = [
  // Knex's list of dialects: bundling all of them would add a quarter to each function.
  {
    importer: /[\\/]node_modules[\\/]knex[\\/]lib[\\/]dialects[\\/]index\.js$/,
    path: /^\.\/(cockroachdb|mariadb|mssql|mysql2?|oracle(db)?|pgnative|redshift)$/,
  },
  // The driver of the SQLite dialect that the better-sqlite3 dialect extends. It is not installed.
  { importer: /[\\/]node_modules[\\/]knex[\\/]/, path: /^sqlite3$/ },
  // What Knex and pg load for streams, for the native client and on Cloudflare. None of it is installed.
  { importer: /[\\/]node_modules[\\/](knex|pg)[\\/]/, path: /^(pg-query-stream|pg-native|pg-cloudflare)$/ },
  // lambda-api's sendFile from S3. Lambda's own image has these packages.
  { importer: /[\\/]node_modules[\\/]lambda-api[\\/]/, path: /^@aws-sdk\// },
];

/** @type {import('esbuild').Plugin} */
export const optionalImports = {
  name: 'optional-imports',
  setup(build) {
    for (const { importer, path: filter } of rules) {
      build.onResolve({ filter }, (args) =>
        importer.test(args.importer) ? { path: args.path, external: true } : undefined,
      );
    }
  },
};
