import { createApi } from '../lib/api.ts';
import { settings } from './settings.ts';

/** The API as pages use it. */
export const api = createApi(settings.apiUrl, settings.apiTimeout);
