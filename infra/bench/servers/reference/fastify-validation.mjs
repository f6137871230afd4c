/** Validates bodies by cadastro's rules with Fastify's own validator, and answers failures as problem details. */

/** Trims the texts of a body before the validation. */
export async function trimBody({ body }) {
  if (typeof body !== 'object' || body === null) return;
  for (const field of Object.keys(body)) if (typeof body[field] === 'string') body[field] = body[field].trim();
}

/** Makes the app answer every failure as problem details that name each field at fault. */
export function addValidation(app) {
  app.setErrorHandler((error, request, reply) => {
    if (error.validation) {
      const errors = error.validation.map(({ instancePath, params, message }) => ({
        field: instancePath.slice(1) || params.missingProperty || params.additionalProperty || 'body',
        message,
      }));
      const detail = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
      return sendProblem(reply, request, 400, 'The request is not valid', detail, errors);
    }
    if (error.statusCode < 500) return sendProblem(reply, request, error.statusCode, error.message, error.message);
    request.log.error(error);
    return sendProblem(reply, request, 500, 'Internal error', 'Something went wrong on our side.');
  });
  app.setNotFoundHandler((request, reply) => sendProblem(reply, request, 404, 'Not found', 'There is no such route.'));
}

export function sendProblem(reply, request, status, title, detail, errors = []) {
  const problem = { type: 'about:blank', title, status, detail, instance: request.url, errors, requestId: request.id };
  return reply.code(status).type('application/problem+json').header('cache-control', 'no-store').send(problem);
}
