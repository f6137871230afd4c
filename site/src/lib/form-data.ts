/** Reads submitted forms and addresses on the site server: every value comes from outside and may be anything. */

/** @returns the form, or undefined if the body is not a form */
export async function readForm(request: Request): Promise<FormData | undefined> {
  try {
    return await request.formData();
  } catch {
    return undefined;
  }
}

/** @returns a text field, cut to `maxCharacters`; '' if it is missing or a file */
export function textOf(form: FormData, name: string, maxCharacters = 1_000): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.slice(0, maxCharacters) : '';
}

/** @returns a whole number from 1 to 15 digits, such as an id or a version; undefined for any other text */
export function parsePositiveInteger(text: string | null | undefined): number | undefined {
  return text && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : undefined;
}
