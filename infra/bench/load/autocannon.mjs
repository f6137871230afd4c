/** Sends the requests of a workload with autocannon, in a process of its own. load.ts describes the kinds of requests. */
import autocannon from 'autocannon';

const { url, connections, seconds, kind, prefix, amount } = JSON.parse(process.argv[2]);
const json = { 'content-type': 'application/json' };
let number = 0;

const user = () => {
  number++;
  return JSON.stringify({ name: `Ada Lovelace ${number}`, email: `ada.${prefix}.${number}@example.com` });
};
const create = (request) => ({ ...request, method: 'POST', path: '/users', headers: json, body: user() });
const mixed = (request) => {
  const chance = Math.random();
  if (chance < 0.05) return create(request);
  const path = `/users/${1 + Math.floor(Math.random() * amount)}`;
  return chance < 0.1
    ? { ...request, method: 'PUT', path, headers: json, body: user() }
    : { ...request, method: 'GET', path, headers: {}, body: undefined };
};
const text = { headers: { 'content-type': 'text/plain' }, body: 'x'.repeat(amount) };
const requests = {
  get: undefined,
  create: [{ setupRequest: create }],
  mixed: [{ setupRequest: mixed }],
  echo: [{ method: 'POST', path: '/echo', ...text }],
  size: [{ method: 'POST', path: '/size', ...text }],
};

const result = await autocannon({ url, connections, duration: seconds, requests: requests[kind] });
process.stdout.write(
  `\n${JSON.stringify({
    requestCount: result.requests.total,
    requestsPerSecond: result.requests.total / result.duration,
    p50: result.latency.p50,
    p99: result.latency.p99,
    errors: result.errors + result.timeouts + result.non2xx,
  })}\n`,
);
