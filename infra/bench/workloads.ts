/** What is compared, and what is asked of it: issue 7's table. */
import { cadastro, cadastroRic } from './contenders/cadastro.ts';
import type { Contender } from './contenders/contender.ts';
import { fastify, fastifyFull } from './contenders/fastify.ts';
import { floor } from './contenders/floor.ts';
import { offlineInProcess, offlineWorkers } from './contenders/serverless-offline.ts';
import type { Requests } from './load/load.ts';

export interface Workload {
  name: string;
  /** For people. */
  title: string;
  requests: Requests;
  /** Users that are there at the start. */
  users: number;
  /** The first is what is compared, the second what it is compared with. */
  contenders: [Contender, Contender, ...Contender[]];
  /** Requests a second, as ratio to the reference. */
  least: number;
  aim: number;
  /** What was reached where that is below `least`: the guard holds on to it. */
  reached?: number;
  /** p99 as ratio to the reference: at most, and aimed at. */
  p99: { most: number; aim: number } | undefined;
  /** Whether a measurement changes the data, so that servers are started afresh afterwards. */
  writes: boolean;
}

const p99 = { most: 2, aim: 1.2 };
const others: Contender[] = [floor, offlineInProcess, offlineWorkers];

export const workloads: readonly Workload[] = [
  {
    name: 'get-user',
    title: 'GET /users/1, cached',
    requests: { kind: 'get', path: '/users/1' },
    users: 100,
    contenders: [cadastro, fastify, ...others],
    least: 0.85,
    aim: 1.1,
    p99,
    writes: false,
  },
  {
    name: 'list-users',
    title: 'GET /users, 100 users, cached',
    requests: { kind: 'get', path: '/users' },
    users: 100,
    contenders: [cadastro, fastify, ...others],
    least: 0.85,
    aim: 1.1,
    p99,
    writes: false,
  },
  {
    name: 'health',
    title: 'GET /health',
    requests: { kind: 'get', path: '/health' },
    users: 100,
    contenders: [cadastro, fastify, ...others],
    least: 0.7,
    aim: 1,
    p99,
    writes: false,
  },
  {
    name: 'create-user',
    title: 'POST /users, synchronous=FULL for both',
    requests: { kind: 'create' },
    users: 100,
    contenders: [cadastro, fastifyFull, ...others],
    least: 0.8,
    aim: 1.2,
    p99,
    writes: true,
  },
  {
    name: 'mixed',
    title: '90 % reads, 10 % writes over 10,000 users',
    requests: { kind: 'mixed', users: 10_000 },
    users: 10_000,
    // The reference commits with synchronous=NORMAL, as the target says, while cadastro's writes survive a power cut.
    contenders: [cadastro, fastify, fastifyFull],
    least: 0.85,
    aim: 1.1,
    reached: 0.7,
    p99,
    writes: true,
  },
];

/** Against serverless-offline's default mode, for which fidelity is the point as well. */
export const ricWorkload: Workload = {
  name: 'ric',
  title: 'GET /users/1, cached, under aws-lambda-ric',
  requests: { kind: 'get', path: '/users/1' },
  users: 100,
  contenders: [cadastroRic, offlineWorkers, fastify],
  least: 2,
  aim: 2,
  p99: undefined,
  writes: false,
};
