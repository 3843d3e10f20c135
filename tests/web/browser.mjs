// A browser for tests of the page: Debian's Chromium, a page that remembers what went wrong in it, axe.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--disable-dev-shm-usage', ...(process.getuid() === 0 ? ['--no-sandbox'] : [])] });

export const desk = { width: 1280, height: 860 }, phone = { width: 390, height: 844 };

// Everything said on the console as an error, policy violations too, and every exception goes to page.problems.
export async function open(browser, base, { viewport = desk, theme = 'light', language = 'en' } = {}) {
  const context = await browser.newContext({ viewport, colorScheme: theme, locale: language === 'zh' ? 'zh-CN' : 'en-GB', reducedMotion: 'reduce', baseURL: base });
  const page = await context.newPage();
  page.problems = [];
  page.on('console', (message) => { if (message.type() === 'error') page.problems.push(message.text()); });
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.setDefaultTimeout(15000);
  return page;
}

// Loaded, and nothing on the page says that it is loading.
export async function visit(page, path) {
  await page.goto(path);
  await settled(page);
}
export async function settled(page) {
  await page.waitForSelector('main h1');
  await page.waitForFunction(() => !document.querySelector('main .loading'));
}

// What axe finds that is serious or critical: rule and the first place.
export async function barriers(page) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe);
  const look = () => page.evaluate(async () => {
    const found = await window.axe.run(document, { resultTypes: ['violations'] });
    return found.violations.filter((one) => one.impact === 'serious' || one.impact === 'critical').map((one) => `${one.id}: ${one.nodes[0].target.join(' ')} ${one.nodes[0].failureSummary}`);
  });
  const found = await look();
  if (!found.length) return found;
  await page.waitForTimeout(500);      // on a busy machine an element may still have the colours of before the theme was set
  return look();
}
