/** The rules of a user as JSON Schema. */
export const userSchema = {
  type: 'object',
  required: ['name', 'email'],
  additionalProperties: false,
  properties: {
    // ajv counts code points, as cadastro does.
    name: { type: 'string', minLength: 1, maxLength: 100, pattern: '^\\P{Cc}*$' },
    email: {
      type: 'string',
      minLength: 3,
      maxLength: 100,
      pattern: '^[^\\s@\\p{Cc}]+@[^\\s@\\p{Cc}]+\\.[^\\s@\\p{Cc}]+$',
    },
  },
};
