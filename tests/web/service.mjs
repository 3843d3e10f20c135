// A small shop behind `attune serve`, for tests of the page: made once, started on a free port, ended by its process.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const kinds = ['mug', 'lamp', 'bag', 'candle', 'notebook', 'bowl'];
const colours = ['red', 'blue', 'green', 'white', 'black', 'yellow', 'pink', 'grey'];

// 48 items in 6 kinds, 60 users who keep to two kinds each; one row that cannot be read.
export function makeShop(attune) {
  const folder = mkdtempSync(join(tmpdir(), 'attune-page-'));
  const shop = join(folder, 'shop');
  const items = ['item,text,price,category'], events = ['user,item,time,type'];
  kinds.forEach((kind, k) => colours.forEach((colour, c) => items.push(`${kind}-${colour},"${colour} ${kind} for the ${k % 2 ? 'garden' : 'kitchen'}",${(k + c) / 2 + 1},${kind}`)));
  for (let user = 0; user < 60; ++user)
    for (let step = 0; step < 6; ++step)
      events.push(`user${user},${kinds[(user + (step % 2)) % kinds.length]}-${colours[(user * 3 + step * 5) % colours.length]},${1760000000 + user * 5000 + step * 86400},purchase`);
  events.push('user0,mug-red,no time at all,purchase');
  writeFileSync(join(folder, 'items.csv'), items.join('\n'));
  writeFileSync(join(folder, 'events.csv'), events.join('\n'));
  const run = (...words) => execFileSync(attune, ['-q', '-w', shop, ...words], { stdio: ['ignore', 'pipe', 'pipe'], input: '' });
  run('init');
  run('import', join(folder, 'items.csv'), join(folder, 'events.csv'));
  run('fit');
  return { folder, shop, run, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export function serve(attune, shop, ...options) {
  const process_ = spawn(attune, ['-q', '-w', shop, 'serve', '--port', '0', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = [];
  process_.stderr.on('data', (piece) => said.push(piece));
  return new Promise((resolve, reject) => {
    let text = '';
    process_.stdout.on('data', (piece) => {
      text += piece;
      const at = /listening on (http:\/\/127\.0\.0\.1:\d+)/.exec(text);
      if (at) resolve({ url: at[1], stop: () => new Promise((done) => { process_.once('exit', done); process_.kill('SIGTERM'); }) });
    });
    process_.once('exit', (code) => reject(new Error(`attune serve ended with ${code}: ${Buffer.concat(said)}`)));
  });
}
