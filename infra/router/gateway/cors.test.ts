/** Golden tests of https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../config.ts';
import { Cors } from './cors.ts';
import type { CorsConfig } from './cors-settings.ts';

function cors(env: Record<string, string>): Cors {
  return new Cors(parseConfig(env).cors as CorsConfig);
}

function record(headers: string[]): Record<string, string> {
  return Object.fromEntries(headers.flatMap((name, i) => (i % 2 === 0 ? [[name, headers[i + 1] ?? '']] : [])));
}

const full = {
  CORS_ALLOW_ORIGINS: 'https://example.com, http://localhost:8501',
  CORS_ALLOW_METHODS: 'GET, POST',
  CORS_ALLOW_HEADERS: 'authorization,content-type',
  CORS_EXPOSE_HEADERS: 'etag',
  CORS_MAX_AGE: '300',
  CORS_ALLOW_CREDENTIALS: 'true',
};

describe('CORS', { concurrency: true }, () => {
  it('lists for a preflight request everything that is allowed', () => {
    assert.deepEqual(record(cors(full).preflight('https://example.com')), {
      'access-control-allow-origin': 'https://example.com',
      'access-control-allow-methods': 'GET,POST',
      'access-control-allow-headers': 'authorization,content-type',
      'access-control-max-age': '300',
      'access-control-allow-credentials': 'true',
      vary: 'origin',
    });
  });

  it('gives no permission to an origin that is not allowed', () => {
    for (const origin of [
      'https://example.com.evil.org',
      'http://example.com',
      'null',
      'https://example.com:8443',
      '',
    ]) {
      assert.deepEqual(cors(full).preflight(origin), ['vary', 'origin'], origin);
    }
  });

  it('adds the headers for an answer, without those for a preflight request', () => {
    assert.deepEqual(record(cors(full).replace(['x-a', '1'], 'http://localhost:8501')), {
      'x-a': '1',
      'access-control-allow-origin': 'http://localhost:8501',
      'access-control-expose-headers': 'etag',
      'access-control-allow-credentials': 'true',
      vary: 'origin',
    });
  });

  it("replaces the function's own CORS headers, for requests without an origin too", () => {
    const own = ['Access-Control-Allow-Origin', 'https://evil.org', 'x-a', '1', 'access-control-max-age', '9'];
    const any = cors({ CORS_ALLOW_ORIGINS: '*' });
    assert.deepEqual(any.replace(own, 'https://example.com'), ['x-a', '1', 'access-control-allow-origin', '*']);
    assert.deepEqual(any.replace(own, undefined), ['x-a', '1']);
    assert.deepEqual(cors(full).replace(own, undefined), ['x-a', '1', 'vary', 'origin']);
  });

  it('allows all origins of a scheme', () => {
    const secure = cors({ CORS_ALLOW_ORIGINS: 'https://*' });
    assert.equal(record(secure.preflight('https://a.example'))['access-control-allow-origin'], 'https://a.example');
    assert.equal(record(secure.preflight('http://a.example'))['access-control-allow-origin'], undefined);
  });
});
