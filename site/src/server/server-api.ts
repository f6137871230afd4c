import { createApi } from '../lib/api-client.ts';
import { revalidating } from '../lib/revalidating-list.ts';
import { settings } from './settings.ts';

/** Enough for the pages that are read over and over; a page of 1,000 users takes some 200 kB. */
const keptLists = 32;

const plain = createApi(settings.apiUrl, settings.apiTimeout);

/** The API as pages use it. */
export const api = { ...plain, list: revalidating(plain, keptLists) };

/** The API without anything kept, for lists that are read once. */
export const streamApi = plain;
