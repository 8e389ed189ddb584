// Starts the built service on a root of its own and a free port, and ends it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { existsSync } from 'node:fs';

export const token = 'a token of the page tests';

const assembly = process.env.DIFFERENTIAL_DLL
  ?? ['Release', 'Debug'].map(c => resolve(import.meta.dirname, `../../src/Differential.Service/bin/${c}/net10.0/differential.dll`)).find(existsSync);

export async function startService() {
  if (!assembly) throw new Error('build first: dotnet build src/Differential.Service');
  const root = await mkdtemp(join(tmpdir(), 'differential-web-'));
  const child = spawn('dotnet', [assembly, 'serve', '--root', root, '--threads', '1'], {
    cwd: root,
    env: { ...process.env, DIFFERENTIAL__Http__Url: 'http://127.0.0.1:0', DIFFERENTIAL__Http__Token: token, DIFFERENTIAL__Queue__MinimumFreeBytes: '0' },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let log = '';
  const url = await new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new Error(`no page within two minutes:\n${log}`)), 120_000);
    child.stderr.setEncoding('utf8').on('data', text => {
      log += text;
      const found = /page is at (http:\S+)/.exec(log);
      if (found) { clearTimeout(timer); done(found[1].replaceAll('"', '')); }
    });
    child.on('exit', code => fail(new Error(`the service ended with ${code}:\n${log}`)));
  });
  return {
    url, root, log: () => log,
    submit: job => fetch(`${url}/jobs`, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: JSON.stringify(job) }),
    cancel: id => fetch(`${url}/jobs/${id}`, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } }),
    async stop() {
      if (child.exitCode === null) {
        child.removeAllListeners('exit');
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      await rm(root, { recursive: true, force: true });
    },
  };
}
