import type { Messages } from '../i18n/index.ts';

/** The sections of the catalogue that the user form and its parts need. */
export type FormTexts = Pick<Messages, 'form' | 'field' | 'conflict' | 'failure' | 'flash' | 'remove' | 'locale'>;
