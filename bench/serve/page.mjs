// How soon the page stands: first paint and JavaScript of the first view, with an empty cache, from a service on this machine.
// Run: bench/serve/page.mjs ATTUNE WORKSPACE [VISITS]; prints one JSON line a view (bench/results/page.jsonl).
import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { launch, open, settled } from '../../tests/web/browser.mjs';
import { serve } from '../../tests/web/service.mjs';

const [attune, workspace, visits = '15'] = process.argv.slice(2);
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
const realtime = execFileSync('chrt', ['-p', String(process.pid)], { encoding: 'utf8' }).includes('SCHED_RR');   // before all else on a machine that others use
const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))];
const service = await serve(attune, workspace, '--open-admin');
const browser = await launch();
try {
  const { users } = await (await fetch(service.url + '/v1/users?n=1')).json();
  for (const [view, path] of [['overview', '/'], ['playground', `/playground?user=${encodeURIComponent(users[0])}`], ['map', '/map']]) {
    const paints = [], ready = [];
    let files = [];
    for (let n = 0; n < Number(visits); ++n) {
      const page = await open(browser, service.url);        // a context of its own: nothing is cached
      await page.goto(path);
      await settled(page);
      if (view === 'playground') await page.waitForSelector('.ranked li');
      if (view === 'map') await page.waitForSelector('canvas');
      await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length);
      const seen = await page.evaluate(() => ({
        paint: performance.getEntriesByName('first-contentful-paint')[0].startTime, now: performance.now(),
        files: performance.getEntriesByType('resource').filter((one) => /\.(js|css)$/.test(new URL(one.name).pathname)).map((one) => ({ kind: one.name.split('.').pop(), bytes: one.encodedBodySize })),
      }));
      if (n > 0 || Number(visits) === 1) { paints.push(seen.paint); ready.push(seen.now); }   // the first starts the browser's own parts and draws the map
      files = seen.files;
      await page.context().close();
    }
    const bytes = (kind) => files.filter((file) => file.kind === kind).reduce((sum, file) => sum + file.bytes, 0);
    console.log(JSON.stringify({
      bench: 'serve/page', view, visits: paints.length, first_paint_ms: Math.round(quantile(paints, 0.5)), first_paint_p95_ms: Math.round(quantile(paints, 0.95)), ready_ms: Math.round(quantile(ready, 0.5)), ready_p95_ms: Math.round(quantile(ready, 0.95)),
      js_gzip_bytes: bytes('js'), css_gzip_bytes: bytes('css'), bar_first_paint_ms: 1000, bar_js_gzip_bytes: 300000, browser: browser.version(), commit, machine: `${cpus().length} cores, browser on them too`, load_average: Math.round(10 * loadavg()[0]) / 10, data: 'online-retail (scripts/demo)',
      realtime, command: `${realtime ? 'chrt -r 1 ' : ''}node bench/serve/page.mjs build/dev/attune build/demo-shop`,
    }));
  }
} finally {
  await browser.close();
  await service.stop();
}
