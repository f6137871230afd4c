/** The permitted connections between pods. A cluster enforces these policies only if its network does. */
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import type { INetworkPolicySpec } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicySpec';
import { metadataOf } from './api.ts';
import { labelsOf, type ManifestOptions, names, ports } from './options.ts';

const podsOf = (...parts: string[]) => parts.map((part) => ({ podSelector: { matchLabels: labelsOf(part) } }));
const tcp = (...list: number[]) => list.map((port) => ({ protocol: 'TCP' as const, port }));
const nameService = {
  ports: [
    { protocol: 'UDP' as const, port: 53 },
    { protocol: 'TCP' as const, port: 53 },
  ],
};

/** @returns a policy for the API, the site, Redis and the Job */
export function networkPolicies(options: ManifestOptions): NetworkPolicy[] {
  const policy = (part: string, spec: INetworkPolicySpec) =>
    new NetworkPolicy({ metadata: metadataOf(part, options), spec });
  const selector = (part: string) => ({ podSelector: { matchLabels: labelsOf(part) } });
  return [
    // The API reaches its database wherever that is, so that its own calls are not limited.
    policy(names.api, {
      ...selector(names.api),
      policyTypes: ['Ingress'],
      ingress: [{ from: podsOf(names.site), ports: tcp(ports.http, ports.status) }],
    }),
    policy(names.site, {
      ...selector(names.site),
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ ports: tcp(ports.site) }],
      egress: [{ to: podsOf(names.api), ports: tcp(ports.http, ports.status) }, nameService],
    }),
    policy(names.redis, {
      ...selector(names.redis),
      policyTypes: ['Ingress', 'Egress'],
      ingress: [{ from: podsOf(names.api, names.migrate), ports: tcp(ports.redis) }],
    }),
    policy(names.migrate, { ...selector(names.migrate), policyTypes: ['Ingress'] }),
  ];
}
