/** Generates plausible people from a seed: names in several languages and scripts, short, long and at the limit. */
import type { Faker } from '@faker-js/faker';
import { faker as ar } from '@faker-js/faker/locale/ar';
import { faker as cs } from '@faker-js/faker/locale/cs_CZ';
import { faker as de } from '@faker-js/faker/locale/de';
import { faker as el } from '@faker-js/faker/locale/el';
import { faker as en } from '@faker-js/faker/locale/en';
import { faker as es } from '@faker-js/faker/locale/es';
import { faker as fr } from '@faker-js/faker/locale/fr';
import { faker as ja } from '@faker-js/faker/locale/ja';
import { faker as pl } from '@faker-js/faker/locale/pl';
import { faker as br } from '@faker-js/faker/locale/pt_BR';
import { faker as pt } from '@faker-js/faker/locale/pt_PT';
import { faker as sv } from '@faker-js/faker/locale/sv';
import { faker as tr } from '@faker-js/faker/locale/tr';
import { faker as vi } from '@faker-js/faker/locale/vi';

/** A user to create. */
export interface Person {
  name: string;
  email: string;
}

/** The longest name that the API accepts. */
export const maxNameCharacters = 100;
const maxLocalPartCharacters = 40;

/** The languages of most names. */
const usual: readonly Faker[] = [br, br, br, br, br, br, pt, pt, es, es];
/** One round of languages. A language that appears twice is twice as common. */
const languages: readonly Faker[] = [...usual, fr, de, en, pl, cs, tr, sv, vi, el, ja, ar];
/** Domains that are reserved for examples, so that no mail ever arrives. @see https://www.rfc-editor.org/rfc/rfc2606 */
const domains = ['example.com', 'example.org', 'example.net'] as const;
/** Letters that Unicode does not decompose into a plain letter and an accent. */
const plain: Record<string, string> = { ß: 'ss', ø: 'o', ł: 'l', đ: 'd', ı: 'i', æ: 'ae', œ: 'oe' };

/**
 * Generates people.
 * @param count number of people
 * @param seed a whole number; each seed gives other people with other e-mails
 */
export function* people(count: number, seed: number): Generator<Person> {
  for (const [index, language] of [...new Set(languages)].entries()) language.seed(seed + index);
  for (let index = 0; index < count; index++) {
    const language = languages[(index * 8) % languages.length] ?? br;
    const name = nameOf(index, language);
    const local = emailLocal(name) || 'user';
    yield { name, email: `${local}.${index}-${seed.toString(36)}@${domains[index % domains.length]}` };
  }
}

/** Every twentieth name is long, and every five hundredth has the longest possible length. */
function nameOf(index: number, language: Faker): string {
  const short = `${language.person.firstName()} ${language.person.lastName()}`.normalize('NFC');
  if (index % 20 !== 19) return short;
  const wanted = index % 500 === 499 ? maxNameCharacters : 60;
  let name = `${language.person.firstName()} ${short}`.normalize('NFC');
  while (name.length < wanted) name += ` ${language.person.lastName().normalize('NFC')}`;
  return name.slice(0, maxNameCharacters).replace(/[\s\p{Mark}\p{Surrogate}]+$/u, '');
}

function emailLocal(name: string): string {
  return name
    .toLowerCase()
    .replace(/[ßøłđıæœ]/g, (letter) => plain[letter] ?? letter)
    .normalize('NFD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[^a-z0-9]+/g, '.')
    .slice(0, maxLocalPartCharacters)
    .replace(/^\.+|\.+$/g, '');
}
