/** The site server's clients for the API. */
import { createApi } from '../lib/api-client.ts';
import { revalidatingList } from '../lib/revalidating-list.ts';
import { settings } from './settings.ts';

/** Enough for the lists that readers open again and again. A page of 1,000 users takes some 200 kB. */
const maxKeptLists = 32;

/** Keeps nothing, for lists that are read once, such as those of an export. */
export const uncachedApi = createApi(settings.apiUrl, settings.apiTimeoutMs);

/** Keeps the latest lists, and asks the API each time whether they still hold. Pages use this client. */
export const api = { ...uncachedApi, list: revalidatingList(uncachedApi, maxKeptLists) };
