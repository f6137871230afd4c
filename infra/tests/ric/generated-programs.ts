/** Generates the handlers that the differential test runs under both runtime clients. */
import fc from 'fast-check';
import type { Program, Spec, Step } from '../fixtures/program.ts';

const text = fc.oneof(
  fc.string({ maxLength: 12 }),
  fc.constantFrom('', 'é🙂', 'two\nlines', 'del \x7F', '%s and %d', '\ud800'),
);
const members = fc.dictionary(fc.constantFrom('a', 'code', 'statusCode', 'errorType'), fc.oneof(text, fc.integer()), {
  maxKeys: 2,
});
const full = fc.record(
  {
    statusCode: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(200, 201, 404) },
      fc.constantFrom(99, 200.5, '201', null),
    ),
    headers: fc.constantFrom({}, { 'x-a': 'b' }, { 'content-type': 'text/html' }, 'none'),
    body: fc.oneof(text, fc.constantFrom(null, 7, 'aGk=')),
    isBase64Encoded: fc.constantFrom(true, false),
    cookies: fc.constantFrom([], ['a=1', 'b=2']),
  },
  { requiredKeys: ['statusCode'] },
);
const plain: fc.Arbitrary<Spec> = fc.oneof(
  full.map((json) => ({ json })),
  fc.jsonValue({ maxDepth: 1 }).map((json) => ({ json })),
);
const error: fc.Arbitrary<Spec> = fc.oneof(
  fc.record({
    kind: fc.constant('error' as const),
    type: fc.constantFrom('Error', 'TypeError', 'Teapot'),
    message: text,
    own: members,
  }),
  fc.record({
    kind: fc.constant('odd-error' as const),
    member: fc.constantFrom('name', 'message', 'stack'),
    json: fc.constantFrom('text', 7, null, ''),
  }),
);
const odd: fc.Arbitrary<Spec> = fc.oneof(
  fc
    .constantFrom('undefined', 'function', 'symbol', 'bigint', 'circular', 'context', 'cwd', 'trace')
    .map((kind) => ({ kind })),
  fc.record({ kind: fc.constant('toJSON' as const), own: full, json: fc.jsonValue({ maxDepth: 1 }) }),
  fc.record({ kind: fc.constantFrom('inherits', 'hides'), json: full }),
) as fc.Arbitrary<Spec>;
const anyValue = fc.oneof({ weight: 2, arbitrary: plain }, odd, error);

const log: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('log' as const),
  method: fc.constantFrom('trace', 'debug', 'log', 'info', 'warn', 'error', 'fatal'),
  values: fc.array(
    fc.oneof(
      text.map((json) => ({ json })),
      anyValue,
    ),
    { maxLength: 3 },
  ),
});
const wait: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('wait' as const),
  for: fc.constantFrom('microtask', 'immediate', 'timer'),
});
const fail: fc.Arbitrary<Step> = fc.oneof(error, plain, odd).map((value) => ({ do: 'throw', value }));

/** Handlers that answer with a value, or throw. */
export const buffered: fc.Arbitrary<Program> = fc
  .tuple(
    fc.boolean(),
    fc.array(fc.oneof({ weight: 2, arbitrary: log }, wait), { maxLength: 3 }),
    fc.oneof({ weight: 3, arbitrary: anyValue.map((value): Step => ({ do: 'return', value })) }, fail),
  )
  .map(([isSync, steps, last]) => ({ isSync, steps: [...steps, last] }));

const chunk: fc.Arbitrary<Step> = fc
  .oneof({ weight: 3, arbitrary: text.map((json) => ({ json })) }, fc.constantFrom({ json: { a: 1 } }, { json: [1] }))
  .map((value) => ({ do: 'write', value }));
const opening: fc.Arbitrary<Step> = fc.oneof(
  fc.constantFrom('text/html', 'text/plain\nx: y', 7).map((value) => ({ do: 'type' as const, value })),
  fc.constantFrom({ statusCode: 201, headers: { 'x-a': 'b' } }, {}, { statusCode: 'soon' }).map((value) => ({
    do: 'prelude' as const,
    value,
  })),
);
const ending: fc.Arbitrary<Step> = fc.oneof(
  fc.constant({ do: 'end' as const }),
  text.map((one) => ({ do: 'end' as const, text: one })),
  fc.array(text, { maxLength: 2 }).map((texts) => ({ do: 'pipe' as const, texts: texts.filter(Boolean) })),
  fc.array(text, { maxLength: 2 }).map((texts) => ({ do: 'end later' as const, texts })),
  fail,
);
/** Statements behind the end of the stream. */
const epilogue: fc.Arbitrary<Step[]> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Step[]>([]) },
  plain.map((one): Step[] => [{ do: 'return', value: one }]),
  fc.tuple(wait, log),
  fc.tuple(wait, fail),
);

/** Handlers that stream. Each ends its stream or throws, because the others would run into their time-out. */
export const streamed: fc.Arbitrary<Program> = fc
  .tuple(
    fc.constantFrom(false, false, false, true),
    fc.array(opening, { maxLength: 1 }),
    fc.array(fc.oneof({ weight: 3, arbitrary: chunk }, log, wait, opening), { maxLength: 3 }),
    ending,
    epilogue,
  )
  .map(([isSync, first, steps, end, last]) => {
    // A handler that writes after it has failed ends the process of aws-lambda-ric, sooner or later (decision 011).
    if (end.do === 'end later') return { isSync: false, steps: [...first, ...steps, end, ...last.filter(isHarmless)] };
    return { isSync, steps: [...first, ...steps, end, ...last] };
  });

const isHarmless = (step: Step) => step.do !== 'throw';
