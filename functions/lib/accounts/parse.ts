/** Checks the bodies of account routes. */
import type { FieldFault } from '../errors.ts';
import { parserOf } from '../http/validation.ts';
import { isPlainText, lengthOf, removeInvisible } from '../text.ts';
import * as schema from './schema.ts';

const isPassword = (field: string) => /password$/i.test(field);

/** A password stays as it is: its spaces count. */
function clean(field: string, text: string): string {
  return isPassword(field) ? text : removeInvisible(text).trim();
}

function check(field: string, text: string): FieldFault[] {
  if (!text.isWellFormed() || (!isPassword(field) && !isPlainText(text))) {
    return [{ field, code: 'controlCharacter', message: 'must not contain control characters' }];
  }
  if (field === 'email' && !/^[^\s@]+@[^\s@]+$/.test(text)) {
    return [{ field, code: 'invalidEmail', message: 'must be an e-mail address' }];
  }
  return [];
}

const rules = { clean, check };

/** The rules of a body that has a new password. */
const rulesOfNew = {
  clean,
  check: (field: string, text: string) => {
    const isNew = field === 'newPassword' || field === 'password';
    if (!isNew || lengthOf(text) >= schema.minPasswordCharacters) return check(field, text);
    const message = `must have at least ${schema.minPasswordCharacters} characters`;
    return [{ field, code: 'tooShort', message }];
  },
};

/** Each parser throws InvalidRequest with one fault for each field that is wrong, missing or unknown. */
export const parseSignIn = parserOf(schema.SignIn, rules);
export const parseOpenIdReturn = parserOf(schema.OpenIdReturn, rules);
export const parsePasswordChange = parserOf(schema.PasswordChange, rulesOfNew);
export const parseInvitation = parserOf(schema.Invitation, rules);
export const parsePersonPatch = parserOf(schema.PersonPatch, rules);
export const parseLinkToken = parserOf(schema.LinkToken, rules);
export const parseNewPassword = parserOf(schema.PasswordChoice, rulesOfNew);
export const parseLinkUse = parserOf(schema.LinkUse, rulesOfNew);
