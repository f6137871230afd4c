/** The settings that all pods share: an ordinary user, a read-only file system, and no rights to spare. */
import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IPodTemplateSpec } from 'kubernetes-models/v1/PodTemplateSpec';
import type { IVolume } from 'kubernetes-models/v1/Volume';
import { labelsOf, names, secretFolders } from './options.ts';

/** A container, without what all containers have in common. */
export type OwnContainer = Omit<IContainer, 'securityContext' | 'name'>;

/** A pod with one container. */
export interface PodOptions {
  /** Value of `names`. */
  part: string;
  /** User and group of the image; files that the pod mounts belong to the group. */
  user: number;
  container: OwnContainer;
  volumes?: IVolume[];
  annotations?: Record<string, string>;
  /** Time from SIGTERM to SIGKILL (s). */
  terminationGracePeriodSeconds?: number;
  restartPolicy?: 'Never';
}

/** @returns the template of a pod, as Deployments and Jobs take it */
export function podTemplate(options: PodOptions): IPodTemplateSpec {
  const { part, user, container, volumes = [], annotations, terminationGracePeriodSeconds, restartPolicy } = options;
  return {
    metadata: { labels: labelsOf(part), ...(annotations && { annotations }) },
    spec: {
      // Kubernetes would set variables such as SITE_PORT=tcp://… for each Service, and our settings have these names.
      enableServiceLinks: false,
      automountServiceAccountToken: false,
      securityContext: {
        runAsNonRoot: true,
        runAsUser: user,
        runAsGroup: user,
        fsGroup: user,
        seccompProfile: { type: 'RuntimeDefault' },
      },
      ...(terminationGracePeriodSeconds !== undefined && { terminationGracePeriodSeconds }),
      ...(restartPolicy && { restartPolicy }),
      containers: [
        {
          name: part,
          ...container,
          securityContext: {
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            capabilities: { drop: ['ALL'] },
          },
        },
      ],
      ...(volumes.length > 0 && { volumes }),
    },
  };
}

/** @returns an empty folder in memory or on disk that lives as long as its pod */
export function scratch(name: string, sizeLimit: string): IVolume {
  return { name, emptyDir: { sizeLimit } };
}

/** Secrets as files that the pod's group alone can read. */
const groupMayRead = 0o440;

/** The two secrets of the API, as volumes and as mounts. */
export const secretVolumes: IVolume[] = [
  { name: 'database', secret: { secretName: names.databaseSecret, defaultMode: groupMayRead } },
  { name: 'redis', secret: { secretName: names.redisSecret, defaultMode: groupMayRead } },
];
export const secretMounts = [
  { name: 'database', mountPath: secretFolders.database, readOnly: true },
  { name: 'redis', mountPath: secretFolders.redis, readOnly: true },
];
