/** Reads the manifests as plain objects, for tests that compare their parts. */
import type { IPodSpec } from 'kubernetes-models/v1/PodSpec';
import { manifests } from '../../kubernetes/manifests.ts';
import type { ManifestOptions } from '../../kubernetes/options.ts';

export const options: ManifestOptions = {
  apiImage: 'registry.example/cadastro-api:1',
  siteImage: 'registry.example/cadastro-site:1',
  host: 'users.example.com',
  replicas: 2,
  maxReplicas: 6,
  trustedProxies: '10.0.0.0/8',
  databaseCa: true,
  isAnonymous: false,
  openId: { issuer: 'https://id.example.com', clientId: 'cadastro' },
  namespace: 'cadastro',
};

/** The parts of an object that the tests read. */
export interface KubernetesObject {
  kind: string;
  metadata: { name: string; namespace: string };
  data?: Record<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: each kind has another specification, and the tests read them all
  spec?: any;
}

/** A pod of a Deployment or a Job. */
export interface Pod {
  owner: string;
  labels: Record<string, string>;
  spec: IPodSpec;
  container: IPodSpec['containers'][number];
}

/** Every object, as `npm run k8s` prints it. */
export const objects = manifests(options).map((one) => JSON.parse(JSON.stringify(one)) as KubernetesObject);

/** @returns the objects of one kind */
export const ofKind = (kind: string) => objects.filter((one) => one.kind === kind);

/** The pods of all Deployments and Jobs. */
export const pods: Pod[] = [...ofKind('Deployment'), ...ofKind('Job')].map(({ metadata: { name }, spec }) => ({
  owner: name,
  labels: spec.template.metadata.labels,
  spec: spec.template.spec,
  container: spec.template.spec.containers[0],
}));

/** @returns the pods that a selector finds */
export function selected(selector: Record<string, string>): Pod[] {
  return pods.filter(({ labels }) => Object.entries(selector).every(([name, value]) => labels[name] === value));
}

/** @returns the variables of a pod's container */
export function variablesOf({ container }: Pod): Record<string, string> {
  const maps = (container.envFrom ?? []).map(({ configMapRef }) => {
    const map = ofKind('ConfigMap').find(({ metadata }) => metadata.name === configMapRef?.name);
    if (map?.data === undefined) throw new Error(`there is no ConfigMap ${configMapRef?.name}`);
    return map.data;
  });
  return Object.assign({}, ...maps);
}
