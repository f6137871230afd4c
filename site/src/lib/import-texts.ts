/** The words of an import: what happens to a row, how far a step is, and how it ended. */
import type { Messages } from '../i18n/index.ts';
import { fill, formatNumber, plural } from '../i18n/text.ts';
import type { ApiFault, ImportRow, Job } from '../server/imports/jobs/job.ts';
import type { ReportRow } from '../server/imports/jobs/report.ts';
import { faultsOf } from './user-fields.ts';

/** The group of a row, by which the pages choose the rows to show. */
export type RowGroup =
  | 'new'
  | 'existing'
  | 'same'
  | 'faulty'
  | 'created'
  | 'updated'
  | 'refused'
  | 'notTried'
  | 'uncertain'
  | 'undone'
  | 'kept';

/** @returns the group of a row after the steps that the job has taken */
export function groupOf(
  { check, imported, undone, isUncertain }: ReportRow,
  job: Pick<Job, 'step' | 'updates'>,
): RowGroup {
  if (check?.kind === 'faulty' || check?.kind === 'twice') return 'faulty';
  if (check?.kind === 'same') return 'same';
  if (undone && undone.kind !== 'none') return undone.kind === 'kept' ? 'kept' : 'undone';
  if (imported && imported.kind !== 'left') return imported.kind;
  if (check?.kind === 'existing' && (job.step === 'check' || !job.updates)) return 'existing';
  if (job.step === 'check') return 'new';
  return isUncertain ? 'uncertain' : 'notTried';
}

/** Whether the row was not imported although the file asks for it, so that its cells can be downloaded again. */
export function isRejected(group: RowGroup): boolean {
  return isProblem(group) || group === 'existing';
}

const problems: RowGroup[] = ['faulty', 'refused', 'notTried', 'uncertain', 'kept'];

/** Whether the row has a fault, was refused or perhaps not reached, in the import or in its undo. */
export function isProblem(group: RowGroup): boolean {
  return problems.includes(group);
}

/** @returns what happens to a row, or the reason why it is not imported */
export function rowText(report: ReportRow, job: Pick<Job, 'step' | 'updates'>, t: Messages): string {
  const texts = t.importing.groups;
  const group = groupOf(report, job);
  const { row, check, imported } = report;
  const isForgotten = imported?.kind === 'refused' && imported.isForgotten;
  if (isForgotten && (group === 'refused' || group === 'kept')) return t.importing.forgotten;
  if (group === 'faulty') {
    return check?.kind === 'twice'
      ? row.twiceOf === undefined
        ? t.importing.twice
        : fill(t.importing.twiceOf, { line: formatNumber(t.locale, row.twiceOf) })
      : faultText(row, check?.kind === 'faulty' ? check.errors : undefined, t);
  }
  if (group === 'existing' && check?.kind === 'existing') {
    return job.step === 'check' ? fill(texts.existing, { name: check.name }) : t.field.taken;
  }
  if (group === 'refused' && imported?.kind === 'refused') {
    return imported.status === 409 ? t.field.taken : faultText(row, imported.errors, t);
  }
  return texts[group];
}

function faultText(row: ImportRow, errors: ApiFault[] | undefined, t: Messages): string {
  const faults = errors
    ? faultsOf({ title: '', status: 400, errors }, t.field)
    : { name: row.nameFault && t.field[row.nameFault], email: row.emailFault && t.field[row.emailFault] };
  const text = (['name', 'email'] as const)
    .flatMap((name) => (faults[name] ? [`${t.form[name]}: ${faults[name]}`] : []))
    .join(' ');
  return text || t.importing.groups.refused;
}

/** @param waitsUntil the time of the next attempt while the API does not answer (ms since 1970) */
export function progressText(job: Job, waitsUntil: number | undefined, t: Messages): string {
  if (waitsUntil !== undefined) {
    return plural(t.locale, t.importing.waiting, Math.max(1, Math.ceil((waitsUntil - Date.now()) / 1_000)));
  }
  return fill(t.importing.progress, {
    done: formatNumber(t.locale, job.finished),
    total: formatNumber(t.locale, job.total),
  });
}
