/** Whether a value from outside, such as a cookie, is an IANA time zone that this Node.js knows. */
export function isTimeZone(value: unknown): value is string {
  if (typeof value !== 'string' || !/^[\w+\-/]{1,64}$/.test(value)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: value });
    return true;
  } catch {
    return false;
  }
}
