/** Properties of request targets, https://www.rfc-editor.org/rfc/rfc9112.html#section-3.2 */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { holds } from '../../tests/support/property.ts';
import { BadRequestError } from './gateway-problems.ts';
import { originForm, pathOf } from './request-target.ts';

const unit = fc.constantFrom(...'/?:@.*%&=+#[]-_~!aBc01', 'http://', 'HTTPS://', '//');
const anyTarget = fc.string({ unit });
const method = fc.constantFrom('GET', 'OPTIONS', 'CONNECT');
const scheme = fc.constantFrom('http', 'https', 'HTTP');
const authority = fc.constantFrom('host', 'host:8080', '[::1]:80', 'user@host', '1.2.3.4');
const pathAndQuery = fc.string({ unit: fc.constantFrom(...'/?:@.*%&=+-aB1') }).map((rest) => `/${rest}`);

it('a target with a path of its own stays as it was sent, and the absolute form of it means the same', () =>
  holds(
    fc.property(method, scheme, authority, pathAndQuery, (method, scheme, authority, target) => {
      assert.equal(originForm(method, target), target);
      assert.equal(originForm(method, `${scheme}://${authority}${target}`), target);
    }),
  ));

it('an absolute form without a path means the root', () =>
  holds(
    fc.property(scheme, authority, fc.constantFrom('', '?', '?a=/b'), (scheme, authority, query) =>
      assert.equal(originForm('GET', `${scheme}://${authority}${query}`), `/${query}`),
    ),
  ));

it('any target gives a path or BadRequest, and what it gives means the same again', () =>
  holds(
    fc.property(method, anyTarget, (method, target) => {
      let found: string;
      try {
        found = originForm(method, target);
      } catch (error) {
        assert.ok(error instanceof BadRequestError, String(error));
        return;
      }
      assert.ok(found.startsWith('/') || (found === '*' && method === 'OPTIONS'), found);
      assert.ok(target.endsWith(found.slice(1)));
      assert.equal(originForm(method, found), found);
    }),
  ));

it('a target is its path, and the rest from the first question mark on', () =>
  holds(
    fc.property(pathAndQuery, (target) => {
      const path = pathOf(target);
      assert.ok(!path.includes('?'));
      assert.ok(target === path || target.startsWith(`${path}?`));
    }),
  ));
