/** Puts the manifests of all parts together. */
import { api, migrateJob } from './api.ts';
import { networkPolicies } from './network-policies.ts';
import type { ManifestOptions } from './options.ts';
import { redis } from './redis.ts';
import { site } from './site.ts';

/** @returns every object that runs cadastro, in an order in which each finds what it refers to */
export function manifests(options: ManifestOptions) {
  return [...networkPolicies(options), ...redis(options), ...api(options), ...site(options), migrateJob(options)];
}
