// The service's page in a real browser, against a service that this starts:
//   dotnet build src/Differential.Service && cd tests/web && npm install --no-audit --no-fund && npm test
// CHROMIUM names the browser (default: the first of the usual places), SHOTS a folder for pictures of the page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { startService } from './service.mjs';

const executablePath = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const patience = 180_000;

let service, context, page, profile;
const requests = [];
const problems = [];

before(async () => {
  service = await startService();
  profile = await mkdtemp(join(tmpdir(), 'differential-chromium-'));
  context = await chromium.launchPersistentContext(profile, { executablePath, args, colorScheme: 'light', viewport: { width: 1240, height: 1100 } });
  page = await context.newPage();
  page.on('request', request => requests.push(request.url()));
  page.on('pageerror', error => problems.push(String(error)));
  page.on('console', message => { if (message.type() === 'error') problems.push(message.text()); });
}, { timeout: patience });

after(async () => {
  await context?.close();
  await service?.stop();
  if (profile) await rm(profile, { recursive: true, force: true });
}, { timeout: patience });

const shot = name => process.env.SHOTS ? page.screenshot({ path: join(process.env.SHOTS, `${name}.png`), fullPage: true }) : undefined;

const figure = label => page.locator('.figure', { has: page.getByText(label, { exact: true }) }).locator('b');

test('an empty service says so', { timeout: patience }, async () => {
  await page.goto(service.url);
  await page.getByText('live', { exact: true }).waitFor();
  await page.getByText('No job runs.').waitFor();
  await page.getByText('Nothing waits.').waitFor();
  await page.getByText('No job has ended yet.').waitFor();
  assert.equal(await figure('queued').textContent(), '0');
  await shot('empty');
});

test('a running job has live curves and a queue behind it', { timeout: patience }, async () => {
  const compare = {
    kind: 'compare', name: 'shapes <b>&amp;</b>', priority: 5, data: { kind: 'shapes', count: 64, size: 8 }, model: { kind: 'linear' }, epochs: 40, batchSize: 16,
    losses: [{ kind: 'crossEntropy' }, { kind: 'differential' }], split: 'test',
    attacks: [{ kind: 'pgd', norm: 'l2', epsilons: [0.25, 0.5, 1, 2], steps: 200, restarts: 50 }, { kind: 'pgd', norm: 'linf', epsilons: ['2/255', '8/255', '16/255'], steps: 200, restarts: 50 }],
  };
  assert.equal((await service.submit(compare)).status, 201);
  await page.locator('article.job').waitFor({ timeout: patience });
  for (let i = 0; i < 3; i++) assert.equal((await service.submit({ kind: 'theory', name: `theory ${i}`, data: { kind: 'affine' }, priority: i })).status, 201);
  await page.locator('article.job h3').getByText('shapes <b>&amp;</b>', { exact: true }).waitFor();
  for (const name of ['loss', 'accuracy', 'margin', 'flip-l2']) await page.locator(`[data-chart="${name}"] path`).first().waitFor({ state: 'attached', timeout: patience });
  await page.locator('#queue tbody tr').first().waitFor();
  assert.match(await page.locator('#queue tbody tr').first().textContent(), /theory-2/);
  assert.match(await page.locator('.phase').first().textContent(), /^\d+ % · network \d\/2 · (epoch|equal|attack)/);
  await page.locator('.phase', { hasText: 'images/s' }).waitFor({ timeout: patience });
  await shot('running-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await shot('running-dark');
  await page.emulateMedia({ colorScheme: 'light' });
});

test('dashes mean test in every chart, and a pointer shows the values of all lines', { timeout: patience }, async () => {
  const dashes = await page.locator('article.job .chart').evaluateAll(charts => charts.map(c => [c.dataset.chart, [...c.querySelectorAll('path')].map(p => p.hasAttribute('stroke-dasharray'))]));
  const of = Object.fromEntries(dashes);
  assert.ok(of.loss.every(d => !d));
  assert.equal(of.accuracy.filter(Boolean).length, of.accuracy.length / 2);
  assert.ok(of['flip-l2'].every(Boolean), 'only test samples are attacked');
  const picture = page.locator('article.job [data-chart="loss"] svg').last();
  await picture.hover();
  await page.locator('article.job [data-chart="loss"] .tip').getByText(/crossEntropy: /).waitFor();
  await picture.focus();
  await page.keyboard.press('ArrowLeft');
  assert.ok(await page.locator('article.job [data-chart="loss"] .tip').isVisible());
  await shot('tip');
});

test('a job that is cancelled and jobs that end move down without a reload', { timeout: patience }, async () => {
  const state = await (await fetch(`${service.url}/state`)).json();
  for (const job of state.running.filter(j => j.kind === 'compare')) assert.equal((await service.cancel(job.id)).status, 202);
  await page.waitForFunction(() => document.querySelectorAll('#ended tbody tr').length === 4, null, { timeout: patience });
  await page.getByText('No job runs.').waitFor();
  assert.equal(await figure('done').textContent(), '3');
  assert.equal(await figure('cancelled').textContent(), '1');
  await shot('ended');
});

test('a bad job ends as failed with its message on the page', { timeout: patience }, async () => {
  const refused = await service.submit({ kind: 'trian' });
  assert.equal(refused.status, 400);
  assert.match((await refused.json()).error, /did you mean 'train'/);
  assert.equal((await service.submit({ kind: 'train', name: 'no data', data: { kind: 'points', path: 'missing.csv' } })).status, 201);
  await page.locator('.badge.failed').waitFor({ timeout: patience });
  assert.match(await page.locator('#ended tbody tr').first().textContent(), /missing\.csv/);
});

test('a report opens, and can run nothing', { timeout: patience }, async () => {
  const report = await context.newPage();
  const href = await page.locator('#ended a', { hasText: 'Report' }).first().getAttribute('href');
  const reply = await report.goto(new URL(href, page.url()).href);
  assert.equal(reply.status(), 200);
  assert.match(reply.headers()['content-security-policy'], /sandbox/);
  assert.ok(await report.locator('h1').count());
  await report.close();
});

test('runs are filtered and put beside each other under an address that can be kept', { timeout: patience }, async () => {
  for (const [name, learningRate] of [['slow', 0.001], ['fast', 0.1]]) {
    assert.equal((await service.submit({ kind: 'train', name, data: { kind: 'shapes', count: 64, size: 8 }, model: { kind: 'linear' }, epochs: 5, batchSize: 16, optimizer: { kind: 'sgd', learningRate } })).status, 201);
  }
  await page.locator('#runs-list tbody tr', { hasText: 'fast' }).waitFor({ timeout: patience });
  await page.locator('#runs-list tbody tr', { hasText: 'slow' }).waitFor({ timeout: patience });
  await page.locator('.controls[data-list="runs"] input').fill('kind:train optimizer.learningRate>0.01');
  await page.waitForFunction(() => document.querySelectorAll('#runs-list tbody tr').length === 1, null, { timeout: patience });
  assert.match(page.url(), /#runs\?filter=kind/);
  await page.locator('.controls[data-list="runs"] input').fill('acuracy>1');
  await page.getByText("did you mean 'accuracy'?").waitFor({ timeout: patience });
  await page.locator('.controls[data-list="runs"] input').fill('kind:train state:done');
  await page.waitForFunction(() => document.querySelectorAll('#runs-list tbody tr').length === 2, null, { timeout: patience });
  await shot('runs');
  for (const box of await page.locator('#runs-list input[type=checkbox]').all()) await box.check();
  await page.getByRole('button', { name: 'Compare 2 marked' }).click();
  await page.locator('#compare-body').getByText('optimizer.learningRate').waitFor({ timeout: patience });
  await page.locator('#compare-body [data-chart="loss"] path').nth(1).waitFor({ state: 'attached', timeout: patience });
  const kept = page.url();
  assert.match(kept, /#compare\?id=/);
  await shot('compare-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await shot('compare-dark');
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('about:blank');
  await page.goto(kept);
  await page.locator('#compare-body [data-chart="accuracy"] path').first().waitFor({ state: 'attached', timeout: patience });
  await page.getByRole('button', { name: 'Back to the service' }).click();
  await page.locator('#runs-list tbody tr').first().waitFor({ timeout: patience });
});

test('what failed is red', { timeout: patience }, async () => {
  const [red, green, blue] = await page.locator('.badge.failed').first().evaluate(e => getComputedStyle(e).color.match(/\d+/g).map(Number));
  assert.ok(red > 150 && green < 80 && blue < 80, `${red} ${green} ${blue}`);
});

test('rows are cards with their columns\' names in a small window', { timeout: patience }, async () => {
  await page.setViewportSize({ width: 390, height: 800 });
  const cell = page.locator('#runs-list tbody td').nth(3);
  assert.equal(await cell.evaluate(e => getComputedStyle(e, '::before').content), '"accuracy"');
  await shot('small-390');
  await page.emulateMedia({ colorScheme: 'dark' });
  await shot('small-390-dark');
  await page.emulateMedia({ colorScheme: 'light' });
});

test('the page is small', { timeout: patience }, async () => {
  const size = (await (await fetch(service.url)).text()).length;
  assert.ok(size < 150_000, `${size} characters`);
});

test('a small window needs no sideways scrolling', { timeout: patience }, async () => {
  await page.setViewportSize({ width: 380, height: 800 });
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await shot('small');
  assert.ok(overflow <= 0, `the page is ${overflow} pixels too wide`);
});

test('the page asked nobody but its service, and nothing went wrong in it', () => {
  assert.ok(requests.length > 0);
  assert.deepEqual(requests.filter(url => !url.startsWith(service.url) && !url.startsWith('data:')), []);
  // The one refused filter is answered with 400, which the browser notes.
  assert.deepEqual(problems.filter(text => !/status of 400/.test(text)), []);
});
