/** The files of a new function, as `npm run new` writes them. */
import { createEvent } from '../../router/gateway/event.ts';
import type { RouteTree } from '../../router/gateway/route-tree.ts';
import { samplePath } from '../../router/samples/request-event.ts';

/** The route of a new function. */
export interface NewRoute {
  /** GET, POST, PUT, PATCH, DELETE or ANY. */
  method: string;
  /** As in function.json: /things/{id}. */
  path: string;
}

/**
 * Makes the files of a function that answers with the path parameters and the body that it gets.
 * @param name of the function
 * @param routes of all functions, the new one included
 * @returns contents by path, relative to the function's folder
 */
export function functionFiles(name: string, { method, path }: NewRoute, routes: RouteTree): Record<string, string> {
  const routeKey = `${method} ${path}`;
  const hasBody = takesBody(method);
  const hasParameters = path.includes('{');
  const isConstant = !hasBody && !hasParameters;
  const fields = (parameters: string, body: string) =>
    [
      ...(hasParameters ? [`...${parameters}`] : []),
      ...(hasBody ? [`body: ${body}`] : []),
      ...(isConstant ? [`message: 'Hello from ${name}'`] : []),
    ].join(', ');
  const lambdaApiPath = path.replaceAll(/\{[\w.-]+\+\}/g, '*').replaceAll(/\{([\w.-]+)\}/g, ':$1');
  return {
    'function.json': json({
      $schema: '../../infra/router/function.schema.json',
      route: routeKey,
      // Who may call while AUTH is on.
      role: method === 'GET' ? 'reader' : 'editor',
    }),
    'handler.ts': lines(
      `/** ${routeKey} */`,
      hasBody && "import { readJson } from '#lib/http/body.ts';",
      "import { serve } from '#lib/http/serve.ts';",
      '',
      'export const handler = serve((api) => {',
      `api.${method.toLowerCase()}('${lambdaApiPath}', (${isConstant ? '_request' : 'request'}, response) => {`,
      `response.json({ ${fields('request.params', 'readJson(request)')} });`,
      '});',
      '});',
    ),
    'handler.test.ts': lines(
      "import assert from 'node:assert/strict';",
      "import { it } from 'node:test';",
      "import { invoke, sample } from '#lib/testing/function.ts';",
      '',
      "const { handler } = await import('./handler.ts');",
      '',
      `it('answers ${routeKey}', async () => {`,
      `const event = sample('${name}', 'request');`,
      'const answer = await invoke(handler, event);',
      'assert.equal(answer.status, 200);',
      `assert.deepEqual(answer.body, { ${fields('event.pathParameters', "JSON.parse(event.body ?? '')")} });`,
      '});',
    ),
    'openapi.ts': lines(
      "import * as Type from 'typebox';",
      `import { ${hasBody ? 'bodyResponses, jsonBody, ' : ''}jsonResponse, type Operation } from '#lib/http/openapi.ts';`,
      '',
      'export const operation: Operation = {',
      `summary: '${sentence(name)}',`,
      hasBody && 'requestBody: jsonBody(Type.Unknown()),',
      'responses: {',
      hasBody && '...bodyResponses,',
      "200: jsonResponse('Done', Type.Object({})),",
      '},',
      '};',
    ),
    'events/request.json': json(sampleEvent({ method, path }, routes)),
  };
}

/** @returns whether requests of this method have a body */
export function takesBody(method: string): boolean {
  return /^(POST|PUT|PATCH|ANY)$/.test(method);
}

/** @returns the event that the gateway makes of a request for the route */
function sampleEvent({ method, path }: NewRoute, routes: RouteTree): object {
  const target = samplePath(path);
  const verb = method === 'ANY' ? 'POST' : method;
  const match = routes.find(verb, target);
  if (!match) throw new Error(`No route matches ${verb} ${target}.`);
  const rawHeaders = ['accept', 'application/json', 'host', 'localhost:8080', 'user-agent', 'curl/8.5.0'];
  if (takesBody(method)) rawHeaders.push('content-type', 'application/json');
  const request = { method: verb, target, httpVersion: '1.1', rawHeaders, sourceIp: '127.0.0.1' };
  const event = createEvent(request, match, {
    requestId: '00000000-0000-4000-8000-000000000001',
    time: Date.UTC(2026, 10, 24, 12),
    accountId: '123456789012',
    apiId: 'cadastro',
    stageVariables: undefined,
  });
  return takesBody(method) ? { ...event, body: '{"name":"Ada"}' } : event;
}

/** @returns `Get thing` for get-thing */
function sentence(name: string): string {
  const words = name.replaceAll(/[-_]+/g, ' ').trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function lines(...texts: (string | false)[]): string {
  return `${texts.filter((text) => text !== false).join('\n')}\n`;
}

function json(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
