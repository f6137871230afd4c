/** Redis: one pod without a disk, because a restarted Redis is empty and the functions recognise that. */
import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { Service } from 'kubernetes-models/v1/Service';
import { metadataOf } from './api.ts';
import { labelsOf, type ManifestOptions, names, ports, secretFolders } from './options.ts';
import { podTemplate, scratch } from './pod.ts';

/** User of the image of Redis. */
const redisUser = 999;
const maxMemory = '256mb';

/**
 * Redis reads its password from stdin, so that no process list shows it. A full Redis drops values alone, because they have a TTL:
 * decision 040.
 * @param folder of the secret
 */
function redisCommand(folder: string): string {
  return [
    'exec redis-server - <<END',
    `requirepass $(cat ${folder}/password)`,
    `port ${ports.redis}`,
    'save ""',
    'appendonly no',
    `maxmemory ${maxMemory}`,
    'maxmemory-policy volatile-lru',
    'END',
  ].join('\n');
}

/** @returns Deployment and Service of Redis */
export function redis(options: ManifestOptions) {
  const labels = labelsOf(names.redis);
  const metadata = metadataOf(names.redis, options);
  const ping = `REDISCLI_AUTH=$(cat ${secretFolders.redis}/password) redis-cli ping | grep -q PONG`;
  return [
    new Deployment({
      metadata,
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        // Two Redis servers behind one Service would give each router another cache.
        strategy: { type: 'Recreate' },
        template: podTemplate({
          part: names.redis,
          user: redisUser,
          volumes: [
            {
              name: 'password',
              secret: {
                secretName: names.redisSecret,
                items: [{ key: 'password', path: 'password' }],
                defaultMode: 0o440,
              },
            },
            scratch('data', '1Mi'),
          ],
          container: {
            image: 'redis:7-bookworm',
            command: ['sh', '-c', redisCommand(secretFolders.redis)],
            ports: [{ name: 'redis', containerPort: ports.redis }],
            volumeMounts: [
              { name: 'password', mountPath: secretFolders.redis, readOnly: true },
              { name: 'data', mountPath: '/data' },
            ],
            livenessProbe: { exec: { command: ['sh', '-c', ping] }, periodSeconds: 15, timeoutSeconds: 5 },
            readinessProbe: { tcpSocket: { port: 'redis' }, periodSeconds: 5 },
            resources: { requests: { cpu: '100m', memory: '320Mi' }, limits: { memory: '512Mi' } },
          },
        }),
      },
    }),
    new Service({
      metadata,
      spec: { selector: labels, ports: [{ name: 'redis', port: ports.redis, targetPort: 'redis' }] },
    }),
  ];
}
