/** The schema of the fault of one field, for the OpenAPI document. */
import * as Type from 'typebox';

/** A member of `errors` in problems and in the results of batches. */
export const FieldFault = Type.Object({
  field: Type.String(),
  code: Type.Optional(
    Type.String({ description: 'Stable, for faults of texts that people type.', examples: ['tooLong'] }),
  ),
  message: Type.String(),
});
