/** The settings that all pods share: an ordinary user, a read-only file system, and no rights to spare. */
import type { IContainer } from 'kubernetes-models/v1/Container';
import type { IPodTemplateSpec } from 'kubernetes-models/v1/PodTemplateSpec';
import type { IVolume } from 'kubernetes-models/v1/Volume';
import type { IVolumeMount } from 'kubernetes-models/v1/VolumeMount';
import { labelsOf, secretFolders } from './options.ts';

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

/** A secret of a pod: its volume, and its mount. */
export interface MountedSecret {
  volume: IVolume;
  mount: IVolumeMount;
}

/**
 * @param optional whether the pod starts without the secret, too; it then gets the files some time after somebody has made it
 * @returns the files of a secret, in a folder of `secretFolders`
 */
export function mountedSecret(name: keyof typeof secretFolders, secretName: string, optional = false): MountedSecret {
  return {
    volume: { name, secret: { secretName, defaultMode: groupMayRead, ...(optional && { optional }) } },
    mount: { name, mountPath: secretFolders[name], readOnly: true },
  };
}
