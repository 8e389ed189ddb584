const metrics = new Map();
const cards = new Map();
let state = null;

const perSecond = speed => figure(speed < 10 ? Math.round(10 * speed) / 10 : Math.round(speed));

function showFigures() {
  const speed = state.running.reduce((sum, job) => sum + (job.imagesPerSecond || 0), 0);
  const rows = [
    [state.counts.running, 'running'], ...(state.counts.interrupted ? [[state.counts.interrupted, 'interrupted']] : []), [state.counts.queued, 'queued'], [state.counts.done, 'done'],
    [state.counts.failed, 'failed'], [state.counts.cancelled, 'cancelled'], [speed > 0 ? perSecond(speed) : '–', 'images/s'],
    ...(state.gpus || []).map(gpu => [`${Number.isFinite(gpu.utilization) ? Math.round(100 * gpu.utilization) + ' %' : '–'}`, `GPU ${gpu.index}, ${figure((gpu.memoryUsedBytes || 0) / 1e9)} of ${figure((gpu.memoryTotalBytes || 0) / 1e9)} GB`]),
  ];
  document.getElementById('figures').replaceChildren(...rows.map(([value, label]) => {
    const box = element('div', undefined, 'figure');
    box.append(element('b', String(value), label === 'failed' && value > 0 ? 'bad' : ''), element('span', label));
    return box;
  }));
}

// A sweep has networks of many jobs: they are called by what their jobs differ in, once that is known.
const labels = new Map();

async function readLabels(id, models) {
  const numbers = [...new Set(models.map(m => /^job-(\d+)/.exec(m)?.[1]).filter(Boolean))];
  const known = labels.get(id) || new Map();
  labels.set(id, known);
  if (numbers.length === 0 || numbers.every(n => known.has(n))) return;
  for (const n of numbers) if (!known.has(n)) known.set(n, null);
  try {
    const jobs = await Promise.all(numbers.map(async n => {
      const reply = await fetch(`runs/${encodeURIComponent(id)}/jobs/${n}/job.json`);
      return reply.ok ? flat(await reply.json()) : {};
    }));
    const all = differing(jobs).filter(name => name !== 'name');
    // Where an object's kind differs it says enough: its other fields are that kind's.
    const names = all.filter(name => !all.some(kind => kind.endsWith('.kind') && kind !== name && name.startsWith(kind.slice(0, -4))));
    numbers.forEach((n, i) => known.set(n, names.map(name => name.endsWith('.kind') ? jobs[i][name] : `${name.split('.').pop()} ${jobs[i][name] ?? '–'}`).join(', ') || null));
    drawCharts(id);
  } catch { for (const n of numbers) known.delete(n); }
}

function flat(value, path = '', into = {}) {
  for (const [name, inner] of Object.entries(value)) {
    const place = path ? `${path}.${name}` : name;
    if (inner && typeof inner === 'object' && !Array.isArray(inner)) flat(inner, place, into); else into[place] = Array.isArray(inner) ? JSON.stringify(inner) : inner;
  }
  return into;
}

function labelOf(id, model) {
  const found = /^job-(\d+)(?:-(.*))?$/.exec(model);
  const known = found && labels.get(id)?.get(found[1]);
  return known ? [known, found[2]].filter(Boolean).join(', ') : model;
}

function drawCharts(id) {
  const card = cards.get(id);
  if (!card) return;
  // A sweep has a line for each of its jobs: the latest are drawn, as many as there are colours.
  const every = [...new Set((metrics.get(id) || []).map(l => l.model || ''))];
  const models = every.slice(-palette.length);
  readLabels(id, models);
  const series = models.map((model, i) => ({ name: labelOf(id, model), color: palette[i % palette.length], lines: (metrics.get(id) || []).filter(l => (l.model || '') === model) }));
  const made = curveCharts(series);
  card.charts.replaceChildren(...made);
  const more = every.length - models.length;
  card.legend.replaceChildren(...(made.length ? [legend([...series.filter(s => s.name).map(({ name, color }) => ({ name, color })),
    ...(more > 0 ? [{ name: `and ${more} earlier`, color: 'transparent' }] : []), ...splitEntries])] : []));
  card.empty.hidden = made.length > 0;
}

function makeCard() {
  const card = { box: element('article', undefined, 'job'), title: element('h3'), about: element('p', undefined, 'about'), progress: element('progress'),
    phase: element('span'), speed: element('span'), charts: element('div', undefined, 'charts'), legend: element('div'), empty: element('p', 'Curves appear when the first epoch or attack has ended.', 'empty') };
  card.progress.max = 1;
  const line = element('p', undefined, 'phase');
  line.append(card.phase, card.speed);
  card.box.append(card.title, card.about, card.progress, line, card.empty, card.charts, card.legend);
  return card;
}

function showRunning() {
  const place = document.getElementById('running');
  for (const id of [...cards.keys()]) {
    if (!state.running.some(job => job.id === id)) { cards.get(id).box.remove(); cards.delete(id); metrics.delete(id); }
  }
  for (const job of state.running) {
    if (!cards.has(job.id)) { const card = makeCard(); card.box.dataset.job = job.id; cards.set(job.id, card); place.append(card.box); drawCharts(job.id); }
    const card = cards.get(job.id);
    card.title.textContent = job.name || job.id;
    const about = [job.id, job.kind, job.device && `on ${job.device}`, `taken ${ago(job.since)}`, `by ${job.worker}`,
      job.attempts > 1 && `start ${job.attempts} since its last progress`, job.cancelling && 'stops at its next step'];
    card.about.textContent = about.filter(Boolean).join(' · ');
    if (Number.isFinite(job.fraction)) card.progress.value = job.fraction; else card.progress.removeAttribute('value');
    card.progress.setAttribute('aria-label', `progress of ${job.id}`);
    const share = Number.isFinite(job.fraction) ? `${Math.floor(100 * job.fraction)} %` : '';
    const now = [job.model && labelOf(job.id, job.model), job.phase].filter(Boolean).join(': ');
    card.phase.textContent = job.interrupted ? ['interrupted: goes on at the next start of a service on this root', share].filter(Boolean).join(' · ') : [share, job.progress, now].filter(Boolean).join(' · ') || 'starting';
    card.speed.textContent = job.imagesPerSecond ? `${perSecond(job.imagesPerSecond)} images/s` : '';
  }
  let none = document.getElementById('none-running');
  if (!none) { none = element('div', undefined, 'card wide'); none.id = 'none-running'; none.append(element('p', 'No job runs.', 'empty'), element('p', 'Hand one in with differential submit JOB.json, or drop its file into incoming/.', 'empty')); place.prepend(none); }
  none.hidden = state.running.length > 0;
}

// What the two lists show: the first page without a filter comes with the state, anything else is asked for.
const pageSize = 50;
const lists = {
  queue: { first: 'queued', state: 'queued', text: '', from: 0, answer: null },
  ended: { first: 'ended', state: 'ended', text: '', from: 0, answer: null },
};

const isFirst = list => list.text === '' && list.from === 0 && list.state === list.first;

async function ask(name) {
  const list = lists[name];
  if (isFirst(list)) { list.answer = null; show(); return; }
  const query = new URLSearchParams({ state: list.state, text: list.text, from: list.from, count: pageSize });
  try {
    const reply = await fetch(`jobs?${query}`);
    if (reply.ok) { list.answer = await reply.json(); show(); }
  } catch { /* the events tell of a lost connection */ }
}

function shown(name, jobs, total) {
  const list = lists[name];
  const answer = isFirst(list) ? { jobs, total } : list.answer || { jobs: [], total: 0 };
  const pager = document.querySelector(`.pager[data-list="${name}"]`);
  pager.hidden = answer.total <= pageSize && list.from === 0;
  pager.querySelector('span').textContent = answer.jobs.length ? `${list.from + 1}–${list.from + answer.jobs.length} of ${answer.total}` : `none of ${answer.total}`;
  pager.querySelector('[data-step="-1"]').disabled = list.from === 0;
  pager.querySelector('[data-step="1"]').disabled = list.from + pageSize >= answer.total;
  return answer.jobs;
}

for (const controls of document.querySelectorAll('.controls[data-list="queue"], .controls[data-list="ended"]')) {
  const name = controls.dataset.list, list = lists[name];
  let timer;
  const later = change => { change(); clearTimeout(timer); timer = setTimeout(() => ask(name), 200); };
  controls.querySelector('input')?.addEventListener('input', event => later(() => { list.text = event.target.value.slice(0, 200); list.from = 0; }));
  controls.querySelector('select')?.addEventListener('change', event => later(() => { list.state = event.target.value; list.from = 0; }));
  for (const button of controls.querySelectorAll('button')) {
    button.addEventListener('click', () => { list.from = Math.max(0, list.from + pageSize * Number(button.dataset.step)); ask(name); });
  }
}

function showQueue() {
  const jobs = shown('queue', state.queued, state.counts.queued);
  const rows = jobs.map(job => [
    { parts: [element('span', job.id, 'name')], className: 'left' }, { text: job.after ? `after ${job.after.join(', ')}` : '', className: 'left wrap' },
    { text: job.kind || '–', className: 'left' }, { text: job.device || 'any', className: 'left' }, { text: String(job.priority) }, { text: ago(job.since) }]);
  document.getElementById('queue').replaceChildren(
    rows.length ? table([{ name: 'job', text: true }, { name: 'waits', text: true }, { name: 'kind', text: true }, { name: 'device', text: true }, 'priority', 'handed in'], rows) : element('p', isFirst(lists.queue) ? 'Nothing waits. Jobs that are handed in while every slot is busy stand here.' : 'No job that waits is so.', 'empty'),
    ...(state.counts.incomplete ? [element('p', `${state.counts.incomplete} still being written`, 'empty')] : []),
    ...(state.counts.unreadable ? [element('p', `${state.counts.unreadable} that can't be read`, 'empty')] : []));
}

function showEnded() {
  const rows = shown('ended', state.ended, state.counts.done + state.counts.failed + state.counts.cancelled).map(job => {
    const links = Object.keys(fileLinks).filter(name => job.files.includes(name)).map(name => linkTo(job.id, name, fileLinks[name]));
    return [{ parts: runName(job), className: 'left wrap' },
      { parts: [element('span', job.state, `badge ${job.state}`), ...(job.error ? [element('div', job.error, 'refused')] : [])], className: 'left wrap' },
      { text: job.kind || '–', className: 'left' }, { text: duration(job.seconds) }, { text: ago(job.ended) }, { parts: links, className: 'left' }];
  });
  document.getElementById('ended').replaceChildren(
    rows.length ? table([{ name: 'job', text: true }, { name: 'state', text: true }, { name: 'kind', text: true }, 'took', 'ended', { name: 'files', text: true }], rows) : element('p', isFirst(lists.ended) ? 'No job has ended yet. Reports, results and what failed are found here.' : 'No ended job is so.', 'empty'));
}

function show() {
  if (!state) return;
  document.getElementById('root').textContent = state.root;
  document.title = state.counts.running ? `${state.counts.running} running · Differential` : 'Differential';
  const trouble = document.getElementById('trouble');
  trouble.hidden = !state.trouble;
  trouble.textContent = state.trouble || '';
  showFigures(); showRunning(); showQueue(); showEnded(); showRuns();
}

function link(text, live) {
  const pill = document.getElementById('link');
  pill.textContent = text;
  pill.classList.toggle('live', live);
}

// A browser tries again by itself when a connection breaks, and never after an answer that is no stream (a proxy's 502, say).
const pause = 3000;

function listen() {
  const events = new EventSource('events');
  events.addEventListener('open', () => { metrics.clear(); link('live', true); });
  events.addEventListener('error', () => {
    link('connection lost, trying again', false);
    if (events.readyState === EventSource.CLOSED) setTimeout(listen, pause);
  });
  events.addEventListener('state', event => { const before = state && state.counts; state = JSON.parse(event.data); show(); if (before && ['done', 'failed', 'cancelled'].some(name => before[name] !== state.counts[name])) askRuns(); Object.keys(lists).filter(name => !isFirst(lists[name])).forEach(ask); });
  events.addEventListener('metrics', event => {
    const update = JSON.parse(event.data);
    metrics.set(update.id, update.reset ? update.lines : (metrics.get(update.id) || []).concat(update.lines));
    drawCharts(update.id);
  });
}

startRuns();
listen();
setInterval(show, 5000);
