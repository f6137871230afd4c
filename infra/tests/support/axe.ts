/** Runs axe, which finds faults of accessibility, in a page under test. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface Violation {
  id: string;
  nodes: { target: unknown[]; failureSummary?: string }[];
}

/** Runs axe in the page, and again if the list was dimmed meanwhile, as it is while it loads. @returns each violation as one line */
export async function violations(page: Page): Promise<string[]> {
  const dimmed = page.locator('#results[aria-busy]');
  await dimmed.waitFor({ state: 'detached' });
  const found = await runAxe(page);
  return (await dimmed.count()) > 0 ? violations(page) : found;
}

async function runAxe(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const found = await page.evaluate(async () => {
    const { axe } = window as unknown as { axe: { run(): Promise<{ violations: Violation[] }> } };
    return (await axe.run()).violations;
  });
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`),
  );
}
