/**
 * Checks a history for everything that clients were promised: a pure function of what they recorded.
 *
 * The state of the database at the end belongs into the history too, as a list that the client `database` read.
 */
import { checkLists } from './lists.ts';
import type { Operation, Violation } from './operation.ts';
import { Register } from './register.ts';
import { buildRegisters, type States } from './states.ts';
import { type Authorship, findAuthors } from './values.ts';

/** @returns the contradictions, in the order in which they happened; none in a history that keeps every promise */
export function check(operations: readonly Operation[]): Violation[] {
  const authorship = findAuthors(operations);
  const states = buildRegisters(operations, authorship);
  const violations = [...authorship.violations, ...states.violations];
  for (const register of states.registers.values()) violations.push(...register.check());
  // What is wrong already is left out, so that nothing right is measured by it.
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

/** Versions that nobody saw being made must be the work of requests whose outcome nobody knows. */
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
    const message = `user ${id} reached version ${latest}; ${unexplained} changes are nobody's, ${possible} are possible`;
    violations.push({ rule: 'version-count', message, operation });
  }
  return violations;
}

/** A delete with If-Match that succeeded proves that no later version came before it; none can come after it. */
function checkConditionalDeletes({ deletes, registers }: States): Violation[] {
  const violations: Violation[] = [];
  for (const [id, attempts] of deletes) {
    const latest = registers.get(id)?.latestVersion ?? 0;
    for (const operation of attempts) {
      const { ifMatch, outcome } = operation;
      if (outcome !== 'ok' || ifMatch === undefined || ifMatch >= latest) continue;
      const message = `user ${id} was deleted on condition of version ${ifMatch}, but reached ${latest}`;
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
