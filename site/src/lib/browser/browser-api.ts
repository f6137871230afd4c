/** The islands' client for the API. */
import { type Api, createApi } from '../api-client.ts';

/** Longer than the site's own timeout, so that the site's answer comes first. */
const timeoutMs = 15_000;

let made: Api | undefined;

/** @returns the API client of the islands, which goes through the site's proxy */
export function browserApi(): Api {
  made ??= createApi(new URL('/api', location.origin), timeoutMs);
  return made;
}
