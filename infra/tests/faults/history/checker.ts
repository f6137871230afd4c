/**
 * Checks a recorded history for violations of the API's promises. It is a pure function of the operations.
 *
 * The history must end with the content of the database, as a list that the client `database` read.
 */
import { checkLists } from './lists.ts';
import type { Operation, Violation } from './operation.ts';
import { Register } from './register.ts';
import { buildRegisters, type States } from './states.ts';
import { type Authorship, findAuthors } from './values.ts';

/** @returns the violations in the order of time; none if the history keeps every promise */
export function check(operations: readonly Operation[]): Violation[] {
  const authorship = findAuthors(operations);
  const states = buildRegisters(operations, authorship);
  const violations = [...authorship.violations, ...states.violations];
  for (const register of states.registers.values()) violations.push(...register.check());
  // Lists are compared with correct operations only, so that one wrong operation is not reported again and again.
  const wrong = new Set(violations.map(({ operation }) => operation));
  const sound = operations.filter((operation) => !wrong.has(operation));
  violations.push(...checkLists(sound, authorship, withoutWrong(states, wrong)));
  violations.push(...checkVersionCounts(operations, authorship, states));
  violations.push(...checkConditionalDeletes(states));
  return violations.sort((one, other) => one.operation.start - other.operation.start);
}

function withoutWrong(states: States, wrong: ReadonlySet<Operation>): States {
  if (wrong.size === 0) return states;
  const registers = new Map<number, Register>();
  for (const [id, { observations }] of states.registers) {
    registers.set(
      id,
      new Register(
        id,
        observations.filter(({ operation }) => !wrong.has(operation)),
      ),
    );
  }
  return { ...states, registers };
}

/** A version whose write is not in the history must come from a write with an unknown outcome. */
function checkVersionCounts(
  operations: readonly Operation[],
  { authors, versions, writes }: Authorship,
  states: States,
) {
  const violations: Violation[] = [];
  const open = [...writes.values()].filter(
    ({ made, attempts }) => made === undefined && attempts.some(({ outcome }) => outcome === 'unknown'),
  );
  let createsLeft = open.filter(({ attempts }) => attempts[0]?.kind === 'create').length;
  for (const [id, register] of states.registers) {
    const latest = register.latestVersion;
    const known = authors.get(id);
    let unexplained = 0;
    for (let version = 1; version <= latest; version++) if (!known?.has(version)) unexplained++;
    if (latest > 0 && !known?.has(1) && createsLeft > 0) {
      createsLeft--;
      unexplained--;
    }
    const possible = open.filter(({ attempts }) => attempts[0]?.id === id).length;
    if (unexplained <= possible) continue;
    const operation = versions.get(id)?.get(latest)?.operation ?? lastAbout(operations, register);
    const message = `user ${id} reached version ${latest}; ${unexplained} of its versions have no write, and ${possible} writes have an unknown outcome`;
    violations.push({ rule: 'version-count', message, operation });
  }
  return violations;
}

/** After a delete with If-Match has succeeded, the version that it named must be the last one. */
function checkConditionalDeletes({ deletes, registers }: States): Violation[] {
  const violations: Violation[] = [];
  for (const [id, attempts] of deletes) {
    const latest = registers.get(id)?.latestVersion ?? 0;
    for (const operation of attempts) {
      const { ifMatch, outcome } = operation;
      if (outcome !== 'ok' || ifMatch === undefined || ifMatch >= latest) continue;
      const message = `user ${id} was deleted with If-Match version ${ifMatch}, but reached version ${latest}`;
      violations.push({ rule: 'wrong-condition', message, operation });
    }
  }
  return violations;
}

function lastAbout(operations: readonly Operation[], register: Register): Operation {
  const last = register.observations.at(-1)?.operation ?? operations.at(-1);
  if (last === undefined) throw new RangeError('an empty history has no users');
  return last;
}
