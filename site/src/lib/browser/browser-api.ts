import { type Api, createApi } from '../api-client.ts';

/** How long a reader waits before being told that it takes too long. */
const timeout = 15_000;

let made: Api | undefined;

/** The API as islands reach it: through the site. */
export function browserApi(): Api {
  made ??= createApi(new URL('/api', location.origin), timeout);
  return made;
}
