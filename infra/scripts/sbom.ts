/** `npm run sbom`: lists what each image contains, as CycloneDX documents. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root, say } from './lib/build.ts';

const help = `Lists what each image contains, in dist/sbom/api.cdx.json and dist/sbom/site.cdx.json (CycloneDX).

  npm run sbom [-- --api IMAGE] [--site IMAGE]

The images, cadastro-api and cadastro-site if left out, must exist: docker compose build. A list has Node.js, the Debian and npm
packages of the image, and the npm packages of the lock file that it is built from. Bundles contain a part of these npm packages.
`;

/** Prints name and version of each npm package in the image, such as aws-lambda-ric, which has a lock file of its own. */
const listPackages = `for (const file of fs.globSync('/app/node_modules/{*,@*/*}/package.json')) {
  const { name, version } = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (version) console.log(name, version);
}`;

/** A component, and the fields of a document, that this file reads or makes. */
interface Component {
  type: string;
  name: string;
  version: string;
  purl: string;
  [field: string]: unknown;
}
interface Bom {
  components: Component[];
  [field: string]: unknown;
}

try {
  main();
} catch (error) {
  say((error as Error).message);
  process.exitCode = 1;
}

function main(): void {
  const { values } = parseArgs({
    options: {
      api: { type: 'string', default: 'cadastro-api' },
      site: { type: 'string', default: 'cadastro-site' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const folder = join(root, 'dist/sbom');
  mkdirSync(folder, { recursive: true });
  const packages = npmPackages();
  write(join(folder, 'api.cdx.json'), packages, imageComponents(values.api));
  write(join(folder, 'site.cdx.json'), packages, imageComponents(values.site));
}

/** @returns npm's own document of the lock file, without the optional packages, which no image has */
function npmPackages(): Bom {
  const options = [
    '--sbom-format',
    'cyclonedx',
    '--sbom-type',
    'application',
    '--package-lock-only',
    '--omit',
    'optional',
  ];
  return JSON.parse(run('npm', ['sbom', ...options]));
}

/** @returns the Debian packages, the npm packages and the Node.js of an image */
function imageComponents(image: string): Component[] {
  const inside = (...command: string[]) => run('docker', ['run', '--rm', '--network', 'none', image, ...command]);
  const [, release = ''] = /^VERSION_ID="(\d+)"/m.exec(inside('cat', '/etc/os-release')) ?? [];
  const rows = inside('dpkg-query', '-W', '-f', '$' + '{Package} $' + '{Version} $' + '{Architecture}\n')
    .trim()
    .split('\n');
  const debian = rows.map((row): Component => {
    const [name = '', version = '', architecture = ''] = row.split(' ');
    const purl = `pkg:deb/debian/${name}@${encodeURIComponent(version)}?arch=${architecture}&distro=debian-${release}`;
    return { type: 'library', name, version, purl, 'bom-ref': purl };
  });
  const npm = inside('node', '-e', listPackages)
    .split('\n')
    .filter(Boolean)
    .map((row): Component => {
      const [name = '', version = ''] = row.split(' ');
      const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`;
      return { type: 'library', name, version, purl, 'bom-ref': purl };
    });
  const version = inside('node', '--version').trim().slice(1);
  const purl = `pkg:generic/node@${version}`;
  return [...debian, ...npm, { type: 'application', name: 'node', version, purl, 'bom-ref': purl }];
}

function write(file: string, bom: Bom, more: readonly Component[]): void {
  const components = [...new Map([...bom.components, ...more].map((one) => [one.purl, one])).values()];
  writeFileSync(file, `${JSON.stringify({ ...bom, components }, null, 2)}\n`);
  say(`${file}: ${components.length} components`);
}

/** @throws Error with the program's own words when it fails */
function run(command: string, args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
  });
  if (status === 0) return stdout;
  const reason = error?.message ?? stderr.trim().split('\n').at(-1);
  throw new Error(`${command} ${args[0]} failed (${reason}). Build the images first: docker compose build`);
}
