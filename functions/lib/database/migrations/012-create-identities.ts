import type { Knex } from 'knex';

/**
 * Creates the identities by which providers of OpenID Connect know people. The subject names an account of one issuer for ever; an
 * e-mail address may pass to somebody else.
 * @see infra/docs/decisions/056-openid-connect.md
 */
export async function up(knex: Knex): Promise<void> {
  await knex.schema.createTable('identities', (table) => {
    table.increments('id');
    table.text('issuer').notNullable();
    table.text('subject').notNullable();
    table.integer('person_id').notNullable().index('identities_person_id');
    table.text('created_at').notNullable();
    table.unique(['issuer', 'subject'], { indexName: 'identities_issuer_subject' });
  });
}
