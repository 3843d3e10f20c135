// The page as people use it, against a real `attune serve`: every view in both languages, both themes, on a desk and on a phone; by
// keyboard; what is done there changes the service. Run: node page.mjs ATTUNE. Prints one line a promise.
import assert from 'node:assert/strict';
import { barriers, launch, open, phone, settled, visit } from './browser.mjs';
import { makeShop, serve } from './service.mjs';

const attune = process.argv[2];
const views = ['/', '/users', '/users/user0', '/items', '/items/mug-red', '/playground?user=user0', '/map', '/models', '/experiments', '/experiments/calm', '/tuning', '/settings', '/keys', '/chat'];
const said = (words) => console.log('ok  ' + words);
const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

async function api(base, method, path, body) {
  const answer = await fetch(base + path, { method, headers: body ? { 'Content-Type': 'application/json' } : {}, body: body ? JSON.stringify(body) : undefined });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.status === 204 ? null : answer.json();
}

// Something of everything to look at.
async function furnish(base) {
  await api(base, 'PUT', '/v1/experiments/calm', { arms: [{ name: 'control' }, { name: 'varied', ask: { diversity: 0.5 } }], guardrails: [{ metric: 'takes', margin: 0.05 }] });
  for (let n = 0; n < 30; ++n) {
    const list = await api(base, 'GET', `/v1/users/user${n}/recommendations?k=4`);
    if (n % 3 === 0) await api(base, 'POST', '/v1/events', { user: `user${n}`, item: list.items[0].item, request: list.request });
  }
  for (let n = 0; n < 200 && (await api(base, 'GET', '/v1/map')).state === 'making'; ++n) await sleep(50);
}

async function everyView(browser, base) {
  const ways = [['desk', 'light', 'en'], ['desk', 'dark', 'zh'], ['phone', 'light', 'zh'], ['phone', 'dark', 'en']];
  for (const [size, theme, language] of ways) {
    const page = await open(browser, base, { theme, language, ...(size === 'phone' ? { viewport: phone } : {}) });
    for (const path of views) {
      const where = `${path} (${size}, ${theme}, ${language})`;
      await visit(page, path).catch((error) => { throw new Error(`${where}: ${error.message} ${page.problems}`); });
      assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), theme, where);
      assert.equal(await page.evaluate(() => document.documentElement.lang), language === 'zh' ? 'zh-CN' : 'en', where);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${where} scrolls sideways`);
      assert.equal(await page.locator('h1').count(), 1, `${where}: one heading of the first order`);
      const text = await page.locator('main').innerText();
      assert.ok(!/undefined|\[object|NaN/.test(text), `${where}: ${/.{0,40}(undefined|\[object|NaN).{0,40}/.exec(text)?.[0]}`);
      if (language === 'zh') assert.match(await page.locator('h1').first().innerText() + (await page.locator('nav').innerText()), /[\u4e00-\u9fff]/, where);
      assert.deepEqual(await barriers(page), [], where);
      assert.deepEqual(page.problems, [], where);
    }
    await page.context().close();
  }
  said(`${views.length} views in two languages, themes and sizes: no errors, nothing serious for axe, nothing scrolls sideways`);
}

const numberOf = (text) => Number(text.replace('\u2212', '-').replaceAll(',', ''));

async function playground(browser, base) {
  const page = await open(browser, base);
  await visit(page, '/playground');
  await page.getByRole('combobox', { name: 'A user', exact: true }).pressSequentially('user1');
  await page.getByRole('option', { name: 'user1', exact: true }).click();
  const titles = () => page.locator('.ranked .title a').allInnerTexts();
  await page.waitForSelector('.ranked li');
  const first = await titles();
  assert.equal(first.length, 10);
  // Each part of the score a bar, and they add up.
  const opener = page.locator('.ranked > li').first().getByRole('button', { name: /Take apart/ });
  await opener.click();
  const parts = page.locator('.ranked > li').first().locator('.parts').first();
  const values = (await parts.locator('> li > .line:not(.sum) > .number').allInnerTexts()).map(numberOf), sum = numberOf(await parts.locator('.sum .number').innerText());
  assert.ok(values.length >= 2 && Math.abs(values.reduce((a, b) => a + b, 0) - sum) <= 0.0005 * (values.length + 1), `${values} make ${sum}`);
  assert.equal(await parts.locator('> li > .line .bar').count(), values.length + 1);
  // A slider turns the list; so does what is typed.
  await page.getByLabel('slist', { exact: true }).fill('0');
  await page.getByLabel('ease', { exact: true }).fill('0');
  await page.getByLabel('item_knn', { exact: true }).fill('0');
  await page.waitForFunction((before) => JSON.stringify([...document.querySelectorAll('.ranked .title a')].map((a) => a.innerText)) !== before, JSON.stringify(first));
  await page.getByRole('button', { name: 'Reset' }).click();
  await page.getByLabel('Only items that pass').fill('category = lamp');
  await page.waitForFunction(() => [...document.querySelectorAll('.ranked .title a')].every((a) => a.innerText.includes('lamp')) && document.querySelector('.ranked'));
  await page.getByLabel('Only items that pass').fill('category ==== lamp');
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Only items that pass').fill('');
  await page.getByRole('alert').waitFor({ state: 'detached' });
  await page.locator('#about').fill('a red candle');
  await page.waitForFunction(() => /candle/.test(document.querySelector('.ranked .title a')?.textContent ?? ''));
  // Why not this one?
  await page.getByRole('combobox', { name: 'Item', exact: true }).pressSequentially('bowl-bl');
  await page.locator('ul[role=listbox]:not([hidden]) [role=option]').first().click();
  await page.getByText(/Not in this list|On place/).first().waitFor();
  // What was asked is in the address: loaded again, it is asked again.
  await page.reload();
  await page.waitForSelector('.ranked li');
  assert.equal(await page.locator('#about').inputValue(), 'a red candle');
  page.problems = page.problems.filter((problem) => !problem.includes('400'));   // the filter that could not be read
  assert.deepEqual(page.problems, []);
  await page.context().close();
  said('the playground answers to users, words, sliders and filters, says why and why not, and every score is the sum of its bars');
}

async function live(browser, base) {
  const page = await open(browser, base);
  await visit(page, '/users/somebody-new');
  await page.getByText('Nobody of this name is known').waitFor();
  const first = await page.locator('.ranked .title a').first().innerText();
  await page.getByRole('button', { name: `Took it: ${first}` }).click();
  await page.waitForFunction((text) => document.querySelector('.history')?.textContent.includes(text), first);
  await page.waitForFunction((text) => ![...document.querySelectorAll('.ranked .title a')].some((a) => a.textContent === text), first);
  await visit(page, '/items/mug-blue');
  await page.getByRole('button', { name: 'Change the text' }).click();
  await page.locator('#text').fill('<img src=x onerror="document.title=1"> \u0645\u0635\u0628\u0627\u062d');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.waitForFunction(() => document.querySelector('h1').textContent.startsWith('<img src=x'));
  assert.equal(await page.locator('main img').count(), 0);
  await visit(page, '/');
  await page.getByText('half answered within').first().waitFor();
  assert.deepEqual(page.problems, []);
  await visit(page, '/users/somebody-new');
  await page.getByRole('button', { name: 'Erase this user' }).click();
  await page.locator('#erase-name').fill('somebody-new');
  await page.locator('dialog').getByRole('button', { name: 'Erase this user' }).click();
  await page.getByText('Receipt').waitFor();
  await page.keyboard.press('Escape');
  await page.waitForURL('**/users');
  await page.context().close();
  said('what is done on the page is in the next list; texts stay texts; a user is erased with a receipt');
}

async function keyboard(browser, base) {
  const page = await open(browser, base);
  await visit(page, '/');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  await page.evaluate(() => { document.activeElement.blur(); });
  // Down the navigation to the playground, in.
  for (let n = 0; n < 20 && !(await page.evaluate(() => document.activeElement?.getAttribute('href') === '/playground')); ++n) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement?.tagName === 'H1' && document.activeElement.textContent === 'Playground');
  for (let n = 0; n < 10 && !(await page.evaluate(() => document.activeElement?.getAttribute('role') === 'combobox' && document.activeElement.closest('form'))); ++n) await page.keyboard.press('Tab');
  await page.keyboard.type('user2');
  await page.getByRole('option', { name: 'user2', exact: true }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.ranked li');
  // Every place the focus can go shows it.
  for (let n = 0; n < 40; ++n) {
    await page.keyboard.press('Tab');
    const bad = await page.evaluate(() => {
      const one = document.activeElement;
      if (!one || one === document.body) return '';
      const style = getComputedStyle(one), box = one.getBoundingClientRect();
      return style.outlineStyle === 'none' || box.width === 0 ? one.outerHTML.slice(0, 120) : '';
    });
    assert.equal(bad, '', 'the focus cannot be seen');
  }
  // The map by arrow keys.
  await visit(page, '/map');
  await page.getByRole('application').focus();
  for (const key of ['+', '+', 'ArrowLeft', 'ArrowDown', 'Enter']) await page.keyboard.press(key);
  await page.getByRole('heading', { name: 'Nearest on the map' }).waitFor();
  assert.match(page.url(), /item=/);
  // A dialogue keeps the focus and gives it back.
  await visit(page, '/models');
  await page.getByRole('button', { name: 'Fit now' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Fit now');
  assert.deepEqual(page.problems, []);
  await page.context().close();
  said('by keyboard: skip link, navigation, fields that find, the map, dialogues; the focus is always to be seen');
}

async function operate(browser, base) {
  const page = await open(browser, base);
  await visit(page, '/models');
  const lines = await page.locator('section:has(#all) .lines li').count();
  await page.getByRole('button', { name: 'Fit now' }).click();
  await page.getByLabel('Judge it on held-out events').uncheck();
  await page.getByRole('dialog').getByRole('button', { name: 'Start the fit' }).click();
  await page.locator('section:has(#jobs) .tag', { hasText: 'done' }).waitFor({ timeout: 60000 });
  await page.waitForFunction((before) => document.querySelectorAll('section:has(#all) .lines li').length === before + 1, lines);
  await page.locator('section:has(#all) .lines li').nth(1).getByRole('button', { name: /Put in service/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Put in service and keep' }).click();
  await page.locator('section:has(#all) .lines li').nth(1).getByText('pinned').waitFor();
  await page.getByRole('button', { name: 'Let the newest serve' }).click();
  await page.getByText('pinned').waitFor({ state: 'detached' });
  await visit(page, '/experiments');
  await page.getByRole('button', { name: 'New experiment' }).click();
  await page.getByLabel('Name').fill('bold');
  await page.getByRole('dialog').getByRole('button', { name: 'Start', exact: true }).click();
  await page.waitForURL('**/experiments/bold');
  await page.getByText('Not decided yet').waitFor();
  await page.getByRole('button', { name: 'End it' }).click();
  await page.getByText('over', { exact: true }).waitFor();
  await visit(page, '/settings');
  await page.getByLabel('Find a setting').fill('diversity');
  await page.locator('#set-lists-diversity').fill('0.4');
  await page.locator('#set-lists-diversity').press('Tab');
  await page.getByText('diversity = 0.4').waitFor();
  assert.deepEqual(page.problems, []);
  await page.context().close();
  said('a fit is started, watched, rolled back and forth; an experiment begun and ended; a setting worded for attune.toml');
}

async function locked(browser, shop) {
  shop.run('keys', 'create', '--name', 'app', '--role', 'write');
  const { execFileSync } = await import('node:child_process');
  execFileSync(attune, ['-q', '-w', shop.shop, 'keys', 'user', 'olga', '--role', 'admin'], { input: 'three unrelated words\n', stdio: ['pipe', 'pipe', 'pipe'] });
  service = await serve(attune, shop.shop);
  const page = await open(browser, service.url);
  await page.goto('/items/mug-red');
  await page.waitForURL('**/login?to=*');
  assert.deepEqual(await barriers(page), []);
  await page.getByLabel('Name').fill('olga');
  await page.getByLabel('Password').fill('something else');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.getByText('Wrong name or password.').waitFor();
  await page.getByLabel('Password').fill('three unrelated words');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.waitForURL('**/items/mug-red');
  await settled(page);
  assert.equal((await page.context().cookies())[0].httpOnly, true);
  await visit(page, '/keys');
  await page.getByRole('button', { name: 'Make a key' }).click();
  await page.getByLabel('Name').fill('from-page');
  await page.getByRole('dialog').getByRole('button', { name: 'Make a key' }).click();
  assert.match(await page.locator('.secret').innerText(), /^attune-[0-9a-f]{60,}$/);
  await page.getByRole('dialog').getByRole('button', { name: 'Done' }).click();
  await page.getByRole('cell', { name: 'from-page key' }).waitFor();
  await page.getByRole('button', { name: 'Revoke: from-page' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('revoked', { exact: true }).waitFor();
  assert.deepEqual(await barriers(page), []);
  await page.getByRole('button', { name: 'Log out' }).click();
  await page.waitForURL('**/login*');
  page.problems = page.problems.filter((problem) => !problem.includes('401'));
  assert.deepEqual(page.problems, []);
  // A service that goes away is told, and what to do.
  await page.getByLabel('Name').fill('olga');
  await page.getByLabel('Password').fill('three unrelated words');
  await page.getByRole('button', { name: 'Log in' }).click();
  await settled(page);
  await page.getByRole('link', { name: 'Users', exact: true }).click();
  await settled(page);
  await service.stop();
  service = undefined;                 // the end of this program stops those that failed stories left
  await page.getByLabel('Name begins with').fill('u');
  await page.getByText('The service does not answer.').waitFor();
  await page.context().close();
  said('behind a login: no view without one, a key made and revoked, logged out; a service that went away is told');
}

async function talk(browser, base) {
  for (const [language, wish, back] of [['en', 'a red mug', 'Take the last turn back'], ['zh', 'red mug', '撤回上一轮']]) {
    const page = await open(browser, base, { language });
    await visit(page, '/chat');
    await page.locator('#typed').fill(wish);
    await page.keyboard.press('Enter');
    await page.locator('.cards li').first().waitFor();
    assert.match(await page.locator('.cards').innerText(), /red mug/);
    assert.match(await page.locator('.cards').innerText(), language === 'zh' ? /[\u4e00-\u9fff]/ : /because|fits/);
    await page.locator('.cards li').first().getByRole('button').first().click();
    await page.locator('.thumbs [aria-pressed=true]').waitFor();
    assert.deepEqual(await barriers(page), []);
    await page.getByRole('button', { name: back }).click();
    assert.equal(await page.locator('.cards').count(), 0);
    assert.deepEqual(page.problems, []);
    await page.context().close();
  }
  said('a conversation brings cards with reasons, thumbs, and can be taken back');
}

const began = Date.now();
const shop = makeShop(attune);
const browser = await launch();
let service;
try {
  shop.run('tune', '--models', 'slist', '--trials', '3', '--split', 'leave_one_out');
  service = await serve(attune, shop.shop, '--open-admin');
  await furnish(service.url);
  const only = process.argv[3];
  for (const story of [everyView, playground, live, keyboard, operate, talk]) if (!only || story.name === only) await story(browser, service.url);
  await service.stop();
  service = undefined;
  if (!only || only === 'locked') await locked(browser, shop);
  console.log(`the page: ${Math.round((Date.now() - began) / 1000)} s`);
} finally {
  await browser.close();
  await service?.stop();
  shop.remove();
}
