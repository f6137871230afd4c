/** Reads a submitted form; undefined if the body is none, or too large. */
export async function readForm(request: Request): Promise<FormData | undefined> {
  try {
    return await request.formData();
  } catch {
    return undefined;
  }
}

export function textOf(form: FormData, name: string, most = 1_000): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.slice(0, most) : '';
}

/** A whole number above 0, or undefined. */
export function numberOf(value: string | null | undefined): number | undefined {
  return value && /^[1-9]\d{0,14}$/.test(value) ? Number(value) : undefined;
}
