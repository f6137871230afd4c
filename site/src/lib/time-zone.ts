/** Whether a text, such as a cookie, names a time zone that this process knows. */
export function isTimeZone(value: unknown): value is string {
  if (typeof value !== 'string' || !/^[\w+\-/]{1,64}$/.test(value)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}
