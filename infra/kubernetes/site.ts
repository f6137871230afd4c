/** The site: one pod, because it keeps imports in a folder that one process uses. */
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import { Service } from 'kubernetes-models/v1/Service';
import { digest, imageUser, metadataOf } from './api.ts';
import { accessSettings, labelsOf, type ManifestOptions, names, ports, secretFolders } from './options.ts';
import { mountedSecret, podTemplate, scratch } from './pod.ts';

/** The site's own limit for requests in flight, and what its end may take beyond (s). */
const shutdownSeconds = 10;
const graceSeconds = 10;

/** @returns the settings of the site; infra/docs/settings.md explains each */
function siteSettings(options: ManifestOptions): Record<string, string> {
  const { host = '', trustedProxies, isAnonymous } = options;
  return {
    SITE_PORT: String(ports.site),
    API_URL: `http://${names.api}:${ports.http}`,
    STATUS_URL: `http://${names.apiPods}:${ports.status}`,
    SITE_DATA: '/data',
    ...accessSettings(options),
    ...(!isAnonymous && { SITE_KEY_FILE: `${secretFolders['site-key']}/key` }),
    ALLOWED_HOSTS: [names.site, host].filter(Boolean).join(),
    TRUSTED_PROXIES: trustedProxies,
  };
}

/** @returns ConfigMap, volume, Deployment and Services of the site, and an Ingress where it has a host name */
export function site(options: ManifestOptions) {
  const labels = labelsOf(names.site);
  const metadata = metadataOf(names.site, options);
  const data = siteSettings(options);
  // The site starts without it: somebody makes the key in a router's pod, and readers reload pages by hand until then.
  const secrets = options.isAnonymous ? [] : [mountedSecret('site-key', names.siteKeySecret, true)];
  return [
    new ConfigMap({ metadata, data }),
    new PersistentVolumeClaim({
      metadata,
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    }),
    new Deployment({
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        // Two pods must not use the folder of the imports at the same time.
        strategy: { type: 'Recreate' },
        template: podTemplate({
          part: names.site,
          user: imageUser,
          annotations: { 'cadastro/settings': digest(data) },
          terminationGracePeriodSeconds: shutdownSeconds + graceSeconds,
          volumes: [
            ...secrets.map(({ volume }) => volume),
            { name: 'data', persistentVolumeClaim: { claimName: names.site } },
            scratch('tmp', '16Mi'),
          ],
          container: {
            image: options.siteImage,
            envFrom: [{ configMapRef: { name: names.site } }],
            ports: [{ name: 'http', containerPort: ports.site }],
            volumeMounts: [
              ...secrets.map(({ mount }) => mount),
              { name: 'data', mountPath: '/data' },
              { name: 'tmp', mountPath: '/tmp' },
            ],
            livenessProbe: { httpGet: { path: '/livez', port: 'http' }, periodSeconds: 10, timeoutSeconds: 5 },
            readinessProbe: { httpGet: { path: '/readyz', port: 'http' }, periodSeconds: 5 },
            resources: { requests: { cpu: '100m', memory: '320Mi' }, limits: { memory: '640Mi' } },
          },
        }),
      },
    }),
    new Service({
      metadata,
      spec: { selector: labels, ports: [{ name: 'http', port: ports.site, targetPort: 'http' }] },
    }),
    new Service({
      metadata: metadataOf(names.sitePods, options, names.site),
      spec: { clusterIP: 'None', selector: labels, ports: [{ name: 'http', port: ports.site, targetPort: 'http' }] },
    }),
    ...(options.host ? [ingress(options.host, options)] : []),
  ];
}

/** The site passes /api/ on to the API, so that one host name serves both. */
function ingress(host: string, options: ManifestOptions): Ingress {
  const service = { name: names.site, port: { name: 'http' } };
  return new Ingress({
    metadata: metadataOf(names.site, options),
    spec: {
      rules: [{ host, http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service } }] } }],
      tls: [{ hosts: [host], secretName: 'cadastro-tls' }],
    },
  });
}
