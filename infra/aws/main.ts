/** Prints the SAM template of the build in dist/: `node infra/aws/main.ts > template.json`. */
import { join } from 'node:path';
import { readManifest } from '../router/manifest.ts';
import { template } from './template.ts';

const dist = join(import.meta.dirname, '../../dist');
process.stdout.write(`${JSON.stringify(template(readManifest(dist)), null, 2)}\n`);
