const metrics = new Map();
const cards = new Map();
let state = null;

const element = (name, text, className) => {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
};

function ago(time) {
  const seconds = Math.max(0, (Date.now() - Date.parse(time)) / 1000);
  if (seconds < 90) return `${Math.round(seconds)} s ago`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 129600 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86400)} days ago`;
}

function duration(seconds) {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 90) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

function showFigures() {
  const speed = state.running.reduce((sum, job) => sum + (job.imagesPerSecond || 0), 0);
  const rows = [
    [state.counts.running, 'running'], ...(state.counts.interrupted ? [[state.counts.interrupted, 'interrupted']] : []), [state.counts.queued, 'queued'], [state.counts.done, 'done'],
    [state.counts.failed, 'failed'], [state.counts.cancelled, 'cancelled'], [speed > 0 ? figure(Math.round(speed)) : '–', 'images/s'],
  ];
  document.getElementById('figures').replaceChildren(...rows.map(([value, label]) => {
    const box = element('div', undefined, 'figure');
    box.append(element('b', String(value)), element('span', label));
    return box;
  }));
}

// The lines of one field of metrics.jsonl, one for each model.
function linesOf(lines, models, field, dashed, label) {
  return models.map((model, i) => ({
    name: [model, label].filter(Boolean).join(', '), color: palette[i % palette.length], dashed,
    points: lines.filter(l => l.phase === 'training' && (l.model || '') === model && Number.isFinite(l[field])).map(l => [l.epoch, l[field]]),
  })).filter(line => line.points.length > 0);
}

function flipCharts(lines, models) {
  const flips = lines.filter(l => Number.isFinite(l.flipRate) && Number.isFinite(l.epsilon));
  return [...new Set(flips.map(l => l.norm))].map(norm => {
    const groups = new Map();
    for (const l of flips.filter(f => f.norm === norm)) {
      const key = [l.model || '', l.phase, l.attack].join('\n');
      if (!groups.has(key)) groups.set(key, []);
      groups.get(key).push([l.epsilon, l.flipRate]);
    }
    const drawn = [...groups].map(([key, points]) => {
      const [model, split, attack] = key.split('\n');
      return { name: [model, attack, split].filter(Boolean).join(', '), color: palette[Math.max(0, models.indexOf(model)) % palette.length],
        dashed: attack !== 'pgd', points: [[0, 0], ...points.sort((a, b) => a[0] - b[0])] };
    });
    return chart(`flip rate, ${norm === 'l2' ? 'L2' : 'L∞'}`, 'budget', drawn, { id: `flip-${norm}`, percent: true, fromZero: true });
  });
}

function drawCharts(id) {
  const card = cards.get(id);
  if (!card) return;
  // A sweep has a line for each of its jobs: the latest are drawn, as many as there are colours.
  const every = [...new Set((metrics.get(id) || []).map(l => l.model || ''))];
  const models = every.slice(-palette.length);
  const lines = (metrics.get(id) || []).filter(l => models.includes(l.model || ''));
  const training = lines.filter(l => l.phase === 'training');
  const last = field => training.length ? training[training.length - 1][field] : undefined;
  const made = [];
  const add = (title, id, percentage, drawn, latest) => {
    if (drawn.length) made.push(chart(title, 'epoch', drawn, { id, percent: percentage, whole: true, latest }));
  };
  add('loss', 'loss', false, linesOf(lines, models, 'loss'), figure(last('loss')));
  add('accuracy', 'accuracy', true, [...linesOf(lines, models, 'trainAccuracy', false, 'training'), ...linesOf(lines, models, 'testAccuracy', true, 'test')],
    `test ${percent(last('testAccuracy'))}`);
  add('smallest y·score', 'margin', false, linesOf(lines, models, 'scoreMargin'), figure(last('scoreMargin')));
  made.push(...flipCharts(lines, models));
  card.charts.replaceChildren(...made);
  const entries = models.filter(Boolean).map((name, i) => ({ name, color: palette[i % palette.length] }));
  const both = made.some(c => c.dataset.chart === 'accuracy');
  const more = every.length - models.length;
  card.legend.replaceChildren(...(made.length ? [legend([...entries, ...(more > 0 ? [{ name: `and ${more} earlier`, color: 'transparent' }] : []),
    ...(both ? [{ name: 'training', color: 'currentColor' }, { name: 'test', color: 'currentColor', dashed: true }] : [])])] : []));
  card.empty.hidden = made.length > 0;
}

function makeCard() {
  const card = { box: element('article', undefined, 'job'), title: element('h3'), about: element('p', undefined, 'about'), progress: element('progress'),
    phase: element('span'), speed: element('span'), charts: element('div', undefined, 'charts'), legend: element('div'), empty: element('p', 'No epoch has ended yet.', 'empty') };
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
    card.phase.textContent = job.interrupted ? 'interrupted: goes on at the next start' : [job.model, job.phase || 'starting'].filter(Boolean).join(': ');
    card.speed.textContent = job.imagesPerSecond ? `${figure(Math.round(job.imagesPerSecond))} images/s` : '';
  }
  let none = document.getElementById('none-running');
  if (!none) { none = element('div', undefined, 'card wide'); none.id = 'none-running'; none.append(element('p', 'No job runs.', 'empty')); place.prepend(none); }
  none.hidden = state.running.length > 0;
}

function table(columns, rows) {
  const made = element('table');
  const head = element('tr');
  columns.forEach((column, i) => head.append(element('th', column, i < 2 ? 'left' : '')));
  made.append(element('thead'), element('tbody'));
  made.tHead.append(head);
  for (const cells of rows) {
    const row = element('tr');
    for (const cell of cells) {
      const td = element('td', undefined, cell.className);
      td.append(...(cell.parts || [cell.text]));
      row.append(td);
    }
    made.tBodies[0].append(row);
  }
  return made;
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

for (const controls of document.querySelectorAll('.controls')) {
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
    { text: job.device || 'unreadable' }, { text: String(job.priority) }, { text: ago(job.since) }]);
  document.getElementById('queue').replaceChildren(
    rows.length ? table(['job', 'waits', 'device', 'priority', 'handed in'], rows) : element('p', isFirst(lists.queue) ? 'Nothing waits.' : 'No job that waits is so.', 'empty'),
    ...(state.counts.incomplete ? [element('p', `${state.counts.incomplete} still being written`, 'empty')] : []),
    ...(state.counts.unreadable ? [element('p', `${state.counts.unreadable} that can't be read`, 'empty')] : []));
}

const fileNames = { 'report.html': 'Report', 'result.json': 'Result', 'metrics.jsonl': 'Metrics' };

function showEnded() {
  const rows = shown('ended', state.ended, state.counts.done + state.counts.failed + state.counts.cancelled).map(job => {
    const links = Object.keys(fileNames).filter(name => job.files.includes(name)).map(name => {
      const a = element('a', fileNames[name]);
      a.href = `runs/${encodeURIComponent(job.id)}/${name}`;
      return a;
    });
    const name = element('div', job.name && job.name !== job.kind ? job.name : job.id, 'name');
    return [{ parts: [name, ...(name.textContent !== job.id ? [element('div', job.id, 'empty')] : [])], className: 'left wrap' },
      { parts: [element('span', job.state, `badge ${job.state}`), ...(job.error ? [element('div', job.error, 'empty')] : [])], className: 'left wrap' },
      { text: job.kind || '–' }, { text: duration(job.seconds) }, { text: ago(job.ended) }, { parts: links }];
  });
  document.getElementById('ended').replaceChildren(
    rows.length ? table(['job', 'state', 'kind', 'took', 'ended', 'files'], rows) : element('p', isFirst(lists.ended) ? 'No job has ended yet.' : 'No ended job is so.', 'empty'));
}

function show() {
  if (!state) return;
  document.getElementById('root').textContent = state.root;
  document.title = state.counts.running ? `${state.counts.running} running · Differential` : 'Differential';
  const trouble = document.getElementById('trouble');
  trouble.hidden = !state.trouble;
  trouble.textContent = state.trouble || '';
  showFigures(); showRunning(); showQueue(); showEnded();
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
  events.addEventListener('state', event => { state = JSON.parse(event.data); show(); Object.keys(lists).filter(name => !isFirst(lists[name])).forEach(ask); });
  events.addEventListener('metrics', event => {
    const update = JSON.parse(event.data);
    metrics.set(update.id, update.reset ? update.lines : (metrics.get(update.id) || []).concat(update.lines));
    drawCharts(update.id);
  });
}

listen();
setInterval(show, 5000);
