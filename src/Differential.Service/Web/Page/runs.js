// The runs that have ended: a list that is filtered, sorted and paged, and some of them side by side. Both stand in the page's
// address (#runs?filter=…, #compare?id=…), so that a link to them can be kept.
const runsPerPage = 25;
const runList = { filter: '', sort: '-finished', from: 0, answer: null, error: '', marked: new Set() };

function ago(time) {
  const seconds = Math.max(0, (Date.now() - Date.parse(time)) / 1000);
  if (seconds < 90) return `${Math.round(seconds)} s ago`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min ago`;
  return seconds < 129600 ? `${Math.round(seconds / 3600)} h ago` : `${Math.round(seconds / 86400)} days ago`;
}

function duration(seconds) {
  if (!Number.isFinite(seconds)) return '–';
  if (seconds < 60) return `${seconds.toFixed(seconds < 1 ? 2 : 1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor(seconds % 3600 / 60)).padStart(2, '0')} min`;
}

// cells: { text | parts, className }; on a narrow window each row is a card whose cells bear their column's name.
function table(columns, rows) {
  const made = element('table', undefined, 'cards');
  const head = element('tr');
  columns.forEach((column, i) => {
    const { name, text, sort } = typeof column === 'string' ? { name: column, text: i < 2 } : column;
    const th = element('th', sort ? undefined : name, text ? 'left' : '');
    if (sort) {
      const button = element('button', name);
      button.type = 'button';
      const order = runList.sort.replace('-', '') === sort ? runList.sort[0] === '-' ? 'descending' : 'ascending' : 'none';
      th.setAttribute('aria-sort', order);
      button.addEventListener('click', () => { runList.sort = order === 'descending' ? sort : `-${sort}`; runList.from = 0; keepRuns(); });
      th.append(button);
    }
    head.append(th);
  });
  made.append(element('thead'), element('tbody'));
  made.tHead.append(head);
  for (const cells of rows) {
    const row = element('tr');
    cells.forEach((cell, i) => {
      const td = element('td', undefined, cell.className);
      const column = columns[i];
      td.dataset.label = typeof column === 'string' ? column : column.name;
      const parts = (cell.parts || [cell.text]).filter(part => part !== '');
      if (parts.length) { const holder = element('div'); holder.append(...parts); td.append(holder); }
      row.append(td);
    });
    made.tBodies[0].append(row);
  }
  return made;
}

const fileLinks = { 'report.html': 'Report', 'result.json': 'Result', 'metrics.jsonl': 'Metrics', 'log.jsonl': 'Log' };

function linkTo(id, file, text) {
  const a = element('a', text);
  a.href = `runs/${[...id.split('/'), ...file.split('/')].map(encodeURIComponent).join('/')}`;
  return a;
}

function runName(run) {
  const name = element('div', run.name && run.name !== run.kind ? run.name : run.id, 'name');
  return [name, ...(name.textContent !== run.id ? [element('div', run.id, 'empty')] : [])];
}

const compareHash = ids => `#compare?id=${ids.map(encodeURIComponent).join(',')}`;

function showRuns() {
  const place = document.getElementById('runs-list');
  const { answer, marked } = runList;
  const compare = document.getElementById('compare-marked');
  compare.disabled = marked.size < 2;
  compare.textContent = marked.size ? `Compare ${marked.size} marked` : 'Compare marked';
  const pager = document.querySelector('.pager[data-list="runs"]');
  pager.hidden = !answer || (answer.total <= runsPerPage && runList.from === 0);
  if (runList.error) { place.replaceChildren(element('p', runList.error, 'refused')); return; }
  if (!answer) return;
  pager.querySelector('span').textContent = answer.runs.length ? `${runList.from + 1}–${runList.from + answer.runs.length} of ${answer.total}` : `none of ${answer.total}`;
  pager.querySelector('[data-step="-1"]').disabled = runList.from === 0;
  pager.querySelector('[data-step="1"]').disabled = runList.from + runsPerPage >= answer.total;
  if (!answer.runs.length) {
    place.replaceChildren(element('p', runList.filter ? 'No run is so. Take a term away, or look for less of a name.' : 'No run has ended yet. Hand a job in: differential submit JOB.json, or drop its file into incoming/.', 'empty'));
    return;
  }
  const columns = [{ name: 'mark', text: true }, { name: 'run', text: true, sort: 'name' }, { name: 'kind', text: true, sort: 'kind' }, { name: 'accuracy', sort: 'accuracy' },
    { name: 'robust', sort: 'robustAccuracy' }, { name: 'took', sort: 'seconds' }, { name: 'device', text: true, sort: 'device' }, { name: 'finished', sort: 'finished' }, { name: 'files', text: true }];
  place.replaceChildren(table(columns, answer.runs.map(run => {
    const box = element('input');
    box.type = 'checkbox';
    box.checked = marked.has(run.id);
    box.setAttribute('aria-label', `mark ${run.id}`);
    box.addEventListener('change', () => { if (box.checked) marked.add(run.id); else marked.delete(run.id); showRuns(); });
    const networks = run.networks.filter(n => n.name);
    const several = field => networks.length > 1 ? networks.map(n => element('div', `${n.name} ${percent(n[field])}`)) : [percent(run[field])];
    return [{ parts: [box], className: 'left' }, { parts: [...runName(run), ...(run.error ? [element('div', run.error, 'refused')] : [])], className: 'left wrap' },
      { parts: run.state === 'done' ? [run.kind] : [run.kind, ' ', element('span', run.state, `badge ${run.state}`)], className: 'left' }, { parts: several('accuracy') },
      { parts: [...several('robustAccuracy'), ...(run.robustAt ? [element('div', run.robustAt, 'empty')] : [])] }, { text: duration(run.seconds) }, { text: run.device, className: 'left' },
      { text: ago(run.finished) }, { parts: ['report.html', 'result.json'].filter(name => name !== 'report.html' || run.state === 'done').map(name => linkTo(run.id, name, fileLinks[name])), className: 'left' }];
  })));
}

async function askRuns() {
  const query = new URLSearchParams({ filter: runList.filter, sort: runList.sort, from: runList.from, count: runsPerPage });
  try {
    const reply = await fetch(`runs?${query}`);
    const answer = await reply.json();
    runList.error = reply.ok ? '' : answer.error;
    runList.answer = reply.ok ? answer : null;
    showRuns();
  } catch { /* the events tell of a lost connection */ }
}

// Puts the list's state into the address, which is what is kept; the list follows the address.
function keepRuns() {
  const query = new URLSearchParams();
  if (runList.filter) query.set('filter', runList.filter);
  if (runList.sort !== '-finished') query.set('sort', runList.sort);
  if (runList.from) query.set('from', runList.from);
  history.replaceState(null, '', query.size ? `#runs?${query}` : location.pathname + location.search);
  askRuns();
}

// What differs between some flat objects: the names of the fields.
const differing = objects => [...new Set(objects.flatMap(Object.keys))].filter(name => new Set(objects.map(o => JSON.stringify(o[name]))).size > 1);

function labelsOf(comparison) {
  const names = comparison.fields.map(f => f.name);
  const fields = comparison.fields.filter(f => f.values.every(v => v.length < 30) && !names.some(n => f.name.startsWith(`${n}.`))).slice(0, 3);
  const labels = comparison.runs.map((run, i) => fields.map(f => `${f.name.split('.').pop()} ${f.values[i] || '–'}`).join(', '));
  return new Set(labels).size === labels.length && labels.every(Boolean) ? labels : comparison.runs.map(run => run.id);
}

async function showComparison(ids) {
  const place = document.getElementById('compare-body');
  place.replaceChildren(element('p', 'Reading the runs …', 'empty'));
  let reply, comparison;
  try {
    reply = await fetch(`runs/compare?id=${ids.map(encodeURIComponent).join(',')}`);
    comparison = await reply.json();
  } catch { place.replaceChildren(element('p', 'The service does not answer.', 'refused')); return; }
  if (!reply.ok) { place.replaceChildren(element('p', comparison.error, 'refused')); return; }
  const labels = labelsOf(comparison);
  const columns = [{ name: 'run', text: true }, ...comparison.runs.map(run => ({ name: run.id }))];
  const card = (...parts) => { const made = element('div', undefined, 'card wide'); made.append(...parts); return made; };
  const row = (name, values) => [{ text: name, className: 'left' }, ...values.map(text => ({ text, className: 'wrap' }))];
  const facts = table(columns, [row('kind', comparison.runs.map(r => r.kind)), row('state', comparison.runs.map(r => r.state)), row('took', comparison.runs.map(r => duration(r.seconds))), row('finished', comparison.runs.map(r => ago(r.finished)))]);
  const fields = comparison.fields.length ? table([{ name: 'field', text: true }, ...columns.slice(1)], comparison.fields.map(f => row(f.name, f.values.map(v => v || '–')))) : element('p', 'The jobs are alike in every field.', 'empty');
  const shown = comparison.figures.filter(f => f.values.some(v => Number.isFinite(v)));
  const figures = table([{ name: 'figure', text: true }, ...columns.slice(1)], shown.map(f => row(f.name, f.values.map(v => f.isShare ? percent(v) : figure(v)))));
  const charts = element('div', undefined, 'charts');
  const key = element('div');
  place.replaceChildren(card(element('h3', 'Runs'), facts), card(element('h3', 'What differs'), fields), card(element('h3', 'Figures'), figures), card(element('h3', 'Curves'), charts, key));
  const texts = await Promise.all(comparison.runs.map(async run => run.state === 'done' ? (await fetch(`runs/${run.id.split('/').map(encodeURIComponent).join('/')}/metrics.jsonl`)).text() : ''));
  const series = [];
  texts.forEach((text, i) => {
    const lines = text.split('\n').flatMap(line => { try { return line ? [JSON.parse(line)] : []; } catch { return []; } });
    const models = [...new Set(lines.map(l => l.model || ''))];
    for (const model of models) series.push({ name: [labels[i], models.length > 1 ? model : ''].filter(Boolean).join(', '), color: palette[series.length % palette.length], lines: lines.filter(l => (l.model || '') === model) });
  });
  const drawn = series.slice(0, palette.length);
  const made = curveCharts(drawn);
  charts.replaceChildren(...(made.length ? made : [element('p', 'These runs have no curves.', 'empty')]));
  key.replaceChildren(...(made.length ? [legend([...drawn.map(s => ({ name: s.name, color: s.color })), ...splitEntries, ...(series.length > drawn.length ? [{ name: `and ${series.length - drawn.length} more that are not drawn`, color: 'transparent' }] : [])])] : []));
}

function follow() {
  const [place, query] = location.hash.slice(1).split('?');
  const values = new URLSearchParams(query || '');
  const ids = place === 'compare' ? (values.get('id') || '').split(',').filter(Boolean) : [];
  document.body.classList.toggle('comparing', ids.length > 0);
  if (ids.length) { showComparison(ids); return; }
  runList.filter = place === 'runs' ? values.get('filter') || '' : '';
  runList.sort = place === 'runs' ? values.get('sort') || '-finished' : '-finished';
  runList.from = place === 'runs' ? Math.max(0, Number(values.get('from')) || 0) : 0;
  document.querySelector('.controls[data-list="runs"] input').value = runList.filter;
  askRuns();
}

function startRuns() {
  const input = document.querySelector('.controls[data-list="runs"] input');
  let timer;
  input.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(() => { runList.filter = input.value.slice(0, 500); runList.from = 0; keepRuns(); }, 250); });
  for (const button of document.querySelectorAll('.pager[data-list="runs"] button')) {
    button.addEventListener('click', () => { runList.from = Math.max(0, runList.from + runsPerPage * Number(button.dataset.step)); keepRuns(); });
  }
  document.getElementById('compare-marked').addEventListener('click', () => { location.hash = compareHash([...runList.marked]); });
  document.getElementById('compare-back').addEventListener('click', () => { location.hash = ''; });
  window.addEventListener('hashchange', follow);
  follow();
}
