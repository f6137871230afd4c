/** `npm run k8s`: prints the manifests for Kubernetes. */
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';
import { migrateJob } from '../kubernetes/api.ts';
import { manifests } from '../kubernetes/manifests.ts';
import type { ManifestOptions } from '../kubernetes/options.ts';
import { say } from './lib/build.ts';

const help = `Prints the manifests that run cadastro on Kubernetes, as YAML.

  npm run --silent k8s -- --api-image IMAGE --site-image IMAGE [OPTION …] | kubectl apply -f -
  npm run --silent k8s -- migrate --api-image IMAGE --site-image IMAGE | kubectl apply -f -     the Job that migrates, alone

  --host NAME              name under which browsers reach the site, for an Ingress with TLS and for PUBLIC_URL
  --replicas N             fewest pods of the API (2)
  --max-replicas N         most pods of the API (6); each takes its share of the database's connections
  --trusted-proxies LIST   addresses and networks of the Ingress, which may set X-Forwarded-For
  --database-ca            the Secret of the database has a key ca.crt: the authority that signed the server's certificate
  --anonymous              everybody who reaches the API may read and change all users (AUTH=off)
  --oidc-issuer URL        people sign in by this provider of OpenID Connect, too; needs --host and --oidc-client-id
  --oidc-client-id TEXT    the name of cadastro at the provider; the Secret cadastro-openid has the password
  --namespace NAME         namespace of all objects (cadastro); it must exist

The manifests refer to Secrets that you create before: infra/docs/kubernetes.md shows how.
`;

/** kubectl reads YAML 1.1, in which an unquoted `on` is true. */
const kubernetesYaml = { version: '1.1' } as const;

try {
  main();
} catch (error) {
  say((error as Error).message);
  process.exitCode = 2;
}

function main(): void {
  const text = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'api-image': text,
      'site-image': text,
      host: text,
      replicas: { ...text, default: '2' },
      'max-replicas': { ...text, default: '6' },
      'trusted-proxies': { ...text, default: '' },
      'database-ca': { type: 'boolean', default: false },
      'oidc-issuer': text,
      'oidc-client-id': text,
      anonymous: { type: 'boolean', default: false },
      namespace: { ...text, default: 'cadastro' },
      help: { type: 'boolean' },
    },
  });
  const known = positionals.length === 0 || (positionals.length === 1 && positionals[0] === 'migrate');
  if (values.help || !known) {
    process.stdout.write(help);
    if (!values.help) process.exitCode = 2;
    return;
  }
  const { 'api-image': apiImage, 'site-image': siteImage } = values;
  if (!apiImage || !siteImage) throw new Error('--api-image and --site-image are missing: they name the images');
  const options: ManifestOptions = {
    apiImage,
    siteImage,
    host: values.host,
    replicas: count('replicas', values.replicas),
    maxReplicas: count('max-replicas', values['max-replicas']),
    trustedProxies: values['trusted-proxies'],
    databaseCa: values['database-ca'],
    isAnonymous: values.anonymous,
    openId: openIdOf(values),
    namespace: values.namespace,
  };
  if (options.maxReplicas < options.replicas) throw new Error('--max-replicas takes --replicas or more');
  const objects = positionals[0] === 'migrate' ? [migrateJob(options)] : manifests(options);
  for (const object of objects) object.validate();
  process.stdout.write(objects.map((object) => `---\n${stringify(object.toJSON(), kubernetesYaml)}`).join(''));
}

/** The options of OpenID Connect, which need each other. */
function openIdOf(values: {
  'oidc-issuer'?: string;
  'oidc-client-id'?: string;
  host?: string;
  anonymous: boolean;
}): ManifestOptions['openId'] {
  const { 'oidc-issuer': issuer, 'oidc-client-id': clientId, host, anonymous } = values;
  if (issuer === undefined && clientId === undefined) return undefined;
  if (issuer === undefined || clientId === undefined)
    throw new Error('--oidc-issuer and --oidc-client-id need each other');
  if (!URL.canParse(issuer)) throw new Error(`--oidc-issuer is "${issuer}": it takes a URL`);
  if (host === undefined) throw new Error('--oidc-issuer needs --host, because the provider sends people back there');
  if (anonymous) throw new Error('--oidc-issuer and --anonymous exclude each other: without accounts nobody signs in');
  return { issuer, clientId };
}

function count(name: string, text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new Error(`--${name} is "${text}": it takes a whole number from 1 to 9999`);
}
