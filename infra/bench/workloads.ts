/** The workloads that the bench compares, and the ratios that cadastro must reach in each. */
import { cadastro, cadastroPostgres, cadastroRic } from './contenders/cadastro.ts';
import type { Contender } from './contenders/contender.ts';
import { floor } from './contenders/floor.ts';
import { fastify, fastifyFull } from './contenders/reference.ts';
import { offlineInProcess, offlineWorkers } from './contenders/serverless-offline.ts';
import type { Requests } from './load/load.ts';

/** Requests, the servers that answer them, and the goals. */
export interface Workload {
  name: string;
  /** Name in the report. */
  title: string;
  requests: Requests;
  /** Number of users that exist before the load. */
  userCount: number;
  /** The first is the server under test, the second the reference of all ratios. */
  contenders: [Contender, Contender, ...Contender[]];
  /** Requests per second as ratio to the reference: the minimum, and the target. */
  minRatio: number;
  targetRatio: number;
  /** The ratio reached so far, if it is below `minRatio`. The guard test then compares with it. */
  reachedRatio?: number;
  /** The highest allowed p99 as ratio to the reference. */
  p99: { max: number } | undefined;
  /** Whether the load changes data. The servers then start again with an empty database for the next workload. */
  changesData: boolean;
}

const p99 = { max: 2 };
const others: Contender[] = [floor, offlineInProcess, offlineWorkers];

export const workloads: readonly Workload[] = [
  {
    name: 'get-user',
    title: 'GET /users/1, cached',
    requests: { kind: 'get', path: '/users/1' },
    userCount: 100,
    contenders: [cadastro, fastify, ...others],
    minRatio: 0.85,
    targetRatio: 1.1,
    p99,
    changesData: false,
  },
  {
    name: 'list-users',
    title: 'GET /users, 100 users, cached',
    requests: { kind: 'get', path: '/users' },
    userCount: 100,
    contenders: [cadastro, fastify, ...others],
    minRatio: 0.85,
    targetRatio: 1.1,
    reachedRatio: 0.57,
    p99,
    changesData: false,
  },
  {
    name: 'health',
    title: 'GET /health',
    requests: { kind: 'get', path: '/health' },
    userCount: 100,
    contenders: [cadastro, fastify, ...others],
    minRatio: 0.7,
    targetRatio: 1,
    p99,
    changesData: false,
  },
  {
    name: 'create-user',
    title: 'POST /users, synchronous=FULL for both',
    requests: { kind: 'create' },
    userCount: 100,
    contenders: [cadastro, fastifyFull, ...others],
    minRatio: 0.8,
    targetRatio: 1.2,
    p99,
    changesData: true,
  },
  {
    name: 'mixed',
    title: '90 % reads, 10 % writes over 10,000 users',
    requests: { kind: 'mixed', userCount: 10_000 },
    userCount: 10_000,
    // The reference commits with synchronous=NORMAL. cadastro's writes survive a power cut.
    contenders: [cadastro, fastify, fastifyFull],
    minRatio: 0.85,
    targetRatio: 1.1,
    reachedRatio: 0.7,
    p99,
    changesData: true,
  },
];

/** Compares with serverless-offline's default mode, which also puts fidelity before speed. */
export const ricWorkload: Workload = {
  name: 'ric',
  title: 'GET /users/1, cached, under aws-lambda-ric',
  requests: { kind: 'get', path: '/users/1' },
  userCount: 100,
  contenders: [cadastroRic, offlineWorkers, fastify],
  minRatio: 2,
  targetRatio: 2,
  p99: undefined,
  changesData: false,
};

/** Compares the two databases: cached values, which should not depend on them, and commits that are flushed to the disk. */
export const postgresWorkloads: readonly Workload[] = [
  {
    name: 'postgres-get',
    title: 'GET /users/1, cached, on PostgreSQL and on SQLite',
    requests: { kind: 'get', path: '/users/1' },
    userCount: 100,
    contenders: [cadastroPostgres, cadastro],
    minRatio: 0.95,
    targetRatio: 0.95,
    p99: undefined,
    changesData: false,
  },
  {
    name: 'postgres-create',
    title: 'POST /users on PostgreSQL and on SQLite',
    requests: { kind: 'create' },
    userCount: 100,
    contenders: [cadastroPostgres, cadastro],
    minRatio: 0.7,
    targetRatio: 0.7,
    p99: undefined,
    changesData: true,
  },
];
