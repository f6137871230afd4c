/** PATCH /people/{id}: changes a person's name, e-mail or role, or disables the account. */
import { administratorOf } from '#lib/accounts/caller.ts';
import { parsePersonPatch } from '#lib/accounts/parse.ts';
import { accounts } from '#lib/accounts/service.ts';
import { readJson } from '#lib/http/body.ts';
import { readId } from '#lib/http/parameters.ts';
import { serve } from '#lib/http/serve.ts';
import { log } from '#lib/logger.ts';

export const handler = serve((api) => {
  api.patch('/people/:id', async (request, response) => {
    const by = administratorOf(request);
    const id = readId(request);
    const person = await accounts.change(id, parsePersonPatch(readJson(request)), by);
    const { role, isDisabled } = person;
    log.info('Person changed', { person: id, role, isDisabled, by: by.actor.id }, request.context);
    response.header('cache-control', 'no-store').json(person);
  });
});
