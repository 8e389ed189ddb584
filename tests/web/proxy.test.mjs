// The page behind a real nginx below a path, and after a proxy's 502. Skipped where nginx is missing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { startService } from './service.mjs';

const nginxPath = process.env.NGINX ?? '/usr/sbin/nginx';
const executablePath = process.env.CHROMIUM ?? ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const args = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
const patience = 180_000;
const skip = existsSync(nginxPath) ? false : 'nginx is not installed';
let service, folder, nginx, port, context, page;

const freePort = () => new Promise(done => { const server = createServer().listen(0, '127.0.0.1', () => { const { port } = server.address(); server.close(() => done(port)); }); });

// With up: false every request is a 502, since nobody listens behind the proxy.
async function proxy(up) {
  if (nginx) { const ended = new Promise(done => nginx.once('exit', done)); nginx.kill('SIGKILL'); await ended; }
  const file = join(folder, 'nginx.conf');
  await writeFile(file, `daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log; events { }
http { access_log off; client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server { listen 127.0.0.1:${port}; location /differential/ { proxy_pass ${up ? service.url : 'http://127.0.0.1:1'}/; } } }`);
  nginx = spawn(nginxPath, ['-c', file, '-p', folder], { stdio: 'ignore' });
  for (let i = 0; i < 100; i++) {
    try { await fetch(`http://127.0.0.1:${port}/differential/healthz`); return; } catch { await new Promise(done => setTimeout(done, 100)); }
  }
  throw new Error('nginx did not start');
}

before(async () => {
  if (skip) return;
  folder = await mkdtemp(join(tmpdir(), 'differential-proxy-'));
  port = await freePort();
  service = await startService();
  await proxy(true);
  context = await chromium.launchPersistentContext(join(folder, 'profile'), { executablePath, args });
  page = await context.newPage();
}, { timeout: patience });

after(async () => {
  await context?.close();
  nginx?.kill('SIGKILL');
  await service?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
}, { timeout: patience });

test('the page lives below a path of a default nginx, links included', { timeout: patience, skip }, async () => {
  assert.equal((await service.submit({ kind: 'theory', name: 'behind a proxy', data: { kind: 'affine' } })).status, 201);
  await page.goto(`http://127.0.0.1:${port}/differential/`);
  await page.getByText('live', { exact: true }).waitFor();
  const link = page.locator('#ended a', { hasText: 'Report' }).first();
  await link.waitFor({ timeout: patience });
  const reply = await page.request.get(new URL(await link.getAttribute('href'), page.url()).href);
  assert.equal(reply.status(), 200);
  for (const text of ['Metrics', 'State', 'Health', 'Readiness']) {
    const href = await page.locator('footer a', { hasText: text }).getAttribute('href');
    assert.equal((await page.request.get(new URL(href, page.url()).href)).status(), 200, text);
  }
});

test('ended jobs are found by their names', { timeout: patience, skip }, async () => {
  await page.locator('.controls[data-list="ended"] input').fill('nothing is called so');
  await page.getByText('No ended job is so.').waitFor({ timeout: patience });
  await page.locator('.controls[data-list="ended"] input').fill('BEHIND');
  await page.locator('#ended tbody tr', { hasText: 'behind a proxy' }).waitFor({ timeout: patience });
});

test('after a 502 the page connects again by itself', { timeout: patience, skip }, async () => {
  await proxy(false);
  await page.getByText('connection lost, trying again').waitFor({ timeout: patience });
  await new Promise(done => setTimeout(done, 5_000));
  await proxy(true);
  await page.getByText('live', { exact: true }).waitFor({ timeout: patience });
});
