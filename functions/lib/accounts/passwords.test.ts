import assert from 'node:assert/strict';
import { scryptSync } from 'node:crypto';
import { it } from 'node:test';
import { hashPassword, isOutdated, verifyPassword } from './passwords.ts';

it('verifies the password that a hash was made of, in any Unicode form, and no other', async () => {
  const hash = await hashPassword('São Tomé é aqui');
  assert.match(hash, /^\$(argon2id\$v=19\$m=19456,t=2,p=1|scrypt\$ln=15,r=8,p=3)\$[\w+/]{22}\$[\w+/]{43}$/);
  assert.equal(await verifyPassword('São Tomé é aqui'.normalize('NFD'), hash), true);
  assert.equal(await verifyPassword('Sao Tome e aqui', hash), false);
  assert.equal(isOutdated(hash), false);
});

it('makes another hash of the same password each time', async () => {
  assert.notEqual(await hashPassword('the same'), await hashPassword('the same'));
});

it('verifies a hash of other parameters, and says that it is outdated', async () => {
  const salt = Buffer.from('0123456789abcdef');
  const key = scryptSync('older', salt, 32, { N: 2 ** 10, r: 8, p: 1 });
  const hash = `$scrypt$ln=10,r=8,p=1$${salt.toString('base64')}$${key.toString('base64')}`;
  assert.equal(await verifyPassword('older', hash), true);
  assert.equal(await verifyPassword('newer', hash), false);
  assert.equal(isOutdated(hash), true);
});

it('refuses every password of an account that has no hash', async () => {
  assert.equal(await verifyPassword('', undefined), false);
  assert.equal(await verifyPassword('anything', null), false);
});
