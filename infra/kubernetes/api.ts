/** The API: routers that hold no data, so that any number of them can run. */
import { createHash } from 'node:crypto';
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Service } from 'kubernetes-models/v1/Service';
import { accessSettings, labelsOf, type ManifestOptions, names, ports, secretFolders } from './options.ts';
import { type MountedSecret, mountedSecret, type OwnContainer, podTemplate, scratch } from './pod.ts';

/** User of the images of API and site. */
export const imageUser = 1000;

/** Twice the interval at which Kubernetes asks /readyz (s). */
const readinessPeriodSeconds = 5;
const drainSeconds = 2 * readinessPeriodSeconds;
const shutdownSeconds = 30;
/** The time that the processes may take to end, beyond drain and shutdown (s). */
const graceSeconds = 10;

/** How long the Job may take (s), and how long Kubernetes keeps it for its log. */
const migrateTimeoutSeconds = 900;
const keepJobSeconds = 86_400;

/** @returns the settings of the routers and of the function that migrates; infra/docs/settings.md explains each */
function apiSettings(options: ManifestOptions): Record<string, string> {
  const { trustedProxies, databaseCa, openId } = options;
  return {
    PORT: String(ports.http),
    STATUS_PORT: String(ports.status),
    // Asynchronous events live in the memory of one router, so that no pod takes them.
    LAMBDA_PORT: '0',
    ...accessSettings(options),
    ALLOWED_HOSTS: [names.api, names.apiPods].join(),
    TRUSTED_PROXIES: [names.sitePods, trustedProxies].filter(Boolean).join(),
    DATABASE_URL: '',
    DATABASE_URL_FILE: `${secretFolders.database}/url`,
    ...(databaseCa && { DATABASE_CA_FILE: `${secretFolders.database}/ca.crt` }),
    REDIS_URL_FILE: `${secretFolders.redis}/url`,
    ...(openId && {
      OIDC_CLIENT_ID: openId.clientId,
      OIDC_CLIENT_SECRET_FILE: `${secretFolders.openid}/client-secret`,
    }),
    DRAIN_DELAY_MS: String(drainSeconds * 1000),
    SHUTDOWN_TIMEOUT_MS: String(shutdownSeconds * 1000),
  };
}

/** @returns ConfigMap, Deployment, Services, autoscaler and disruption budget of the API */
export function api(options: ManifestOptions) {
  const labels = labelsOf(names.api);
  const metadata = metadataOf(names.api, options);
  const data = apiSettings(options);
  return [
    new ConfigMap({ metadata, data }),
    new Deployment({
      metadata,
      spec: {
        // The autoscaler sets the number of replicas.
        selector: { matchLabels: labels },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
        template: podTemplate({
          part: names.api,
          user: imageUser,
          // New settings start new pods.
          annotations: { 'cadastro/settings': digest(data) },
          terminationGracePeriodSeconds: drainSeconds + shutdownSeconds + graceSeconds,
          volumes: [...secrets(options).map(({ volume }) => volume), scratch('tmp', '64Mi')],
          container: {
            ...container(options),
            ports: [
              { name: 'http', containerPort: ports.http },
              { name: 'status', containerPort: ports.status },
            ],
            livenessProbe: { httpGet: { path: '/livez', port: 'status' }, periodSeconds: 10, timeoutSeconds: 5 },
            // A router that migrates a large database is alive and not ready.
            readinessProbe: {
              httpGet: { path: '/readyz', port: 'status' },
              periodSeconds: readinessPeriodSeconds,
              failureThreshold: 1,
            },
            resources: { requests: { cpu: '500m', memory: '512Mi' }, limits: { memory: '2Gi' } },
          },
        }),
      },
    }),
    new Service({
      metadata,
      spec: {
        selector: labels,
        ports: [{ name: 'http', port: ports.http, targetPort: 'http' }],
      },
    }),
    new Service({
      metadata: metadataOf(names.apiPods, options, names.api),
      spec: {
        clusterIP: 'None',
        selector: labels,
        ports: [{ name: 'status', port: ports.status, targetPort: 'status' }],
      },
    }),
    new HorizontalPodAutoscaler({
      metadata,
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: names.api },
        minReplicas: options.replicas,
        maxReplicas: options.maxReplicas,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 70 } } },
        ],
      },
    }),
    new PodDisruptionBudget({ metadata, spec: { selector: { matchLabels: labels }, maxUnavailable: 1 } }),
  ];
}

/**
 * A Job that migrates before the pods of a new version do. Each router migrates at its start, too, so that nobody has to wait
 * for the Job. A Job never changes, so that its name contains the image.
 */
export function migrateJob(options: ManifestOptions) {
  const name = `${names.migrate}-${digest({ image: options.apiImage })}`;
  const run = `require('/app/dist/functions/migrate/handler.cjs')
    .handler({}, { awsRequestId: process.env.HOSTNAME, functionName: 'migrate' })
    .then(() => process.exit(0), (error) => { console.error(error.message); process.exit(1); })`;
  return new Job({
    metadata: metadataOf(name, options, names.migrate),
    spec: {
      backoffLimit: 2,
      activeDeadlineSeconds: migrateTimeoutSeconds,
      ttlSecondsAfterFinished: keepJobSeconds,
      template: podTemplate({
        part: names.migrate,
        user: imageUser,
        restartPolicy: 'Never',
        volumes: [...secrets(options).map(({ volume }) => volume), scratch('tmp', '64Mi')],
        container: {
          ...container(options),
          command: ['node', '-e', run.replaceAll(/\s+/g, ' ')],
          resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '512Mi' } },
        },
      }),
    },
  });
}

function container(options: ManifestOptions): OwnContainer {
  return {
    image: options.apiImage,
    envFrom: [{ configMapRef: { name: names.api } }],
    volumeMounts: [...secrets(options).map(({ mount }) => mount), { name: 'tmp', mountPath: '/tmp' }],
  };
}

function secrets({ openId }: ManifestOptions): MountedSecret[] {
  return [
    mountedSecret('database', names.databaseSecret),
    mountedSecret('redis', names.redisSecret),
    ...(openId ? [mountedSecret('openid', names.openIdSecret)] : []),
  ];
}

/** @param name of the object @param part value of `names` to which it belongs */
export function metadataOf(name: string, { namespace }: ManifestOptions, part = name) {
  return { name, namespace, labels: labelsOf(part) };
}

/** @returns a short text that changes with the values */
export function digest(values: Record<string, string>): string {
  return createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, 10);
}
