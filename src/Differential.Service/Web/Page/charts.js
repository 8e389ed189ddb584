'use strict';
const svgName = 'http://www.w3.org/2000/svg';
// Colours are the style's, which has a set for light and one for dark.
const palette = [0, 1, 2, 3, 4, 5, 6].map(i => `var(--series-${i})`);

function svg(name, attributes, text) {
  const element = document.createElementNS(svgName, name);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key === 'stroke' || key === 'fill') element.style.setProperty(key, value);
    else element.setAttribute(key, value);
  }
  if (text !== undefined) element.textContent = text;
  return element;
}

const element = (name, text, className) => {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
};

// Numbers as terminal and reports write them: four significant digits, shares with one decimal, budgets in 255ths where they are.
function figure(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1e-3 || size >= 1e6) return value.toExponential(2).replace(/\.?0+e/, 'e').replace('e+', 'e');
  return value.toLocaleString('en-US', { maximumFractionDigits: size < 1 ? 4 : size < 100 ? 2 : size < 1000 ? 1 : 0 });
}

const percent = value => Number.isFinite(value) ? (100 * value).toFixed(1) + ' %' : '–';

function budget(value) {
  const parts = value * 255;
  return value > 0 && value < 1 && Math.abs(parts - Math.round(parts)) < 1e-6 && Math.round(parts) % 51 !== 0 ? `${Math.round(parts)}/255` : figure(value);
}

// Round steps of 1, 2 or 5 times a power of ten, up to six of them.
function stepOf(low, high) {
  const raw = (high - low) / 5;
  const power = Math.pow(10, Math.floor(Math.log10(raw)));
  return [1, 2, 5, 10].map(f => f * power).find(s => s >= raw * 0.999) || raw;
}

function ticks(low, high, step = stepOf(low, high)) {
  const marks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) marks.push(i * step);
  return marks;
}

// At most this many points of a line are drawn; of more, the smallest and largest of each stretch.
const maxPoints = 400;

function thin(points) {
  if (points.length <= maxPoints) return points;
  const stretch = Math.ceil(points.length / (maxPoints / 2));
  const kept = [];
  for (let i = 0; i < points.length; i += stretch) {
    const part = points.slice(i, i + stretch);
    const low = part.reduce((a, b) => b[1] < a[1] ? b : a);
    const high = part.reduce((a, b) => b[1] > a[1] ? b : a);
    kept.push(...(low[0] <= high[0] ? [low, high] : [high, low]));
  }
  kept.push(points[points.length - 1]);
  return kept;
}

// What lies under the pointer, or under the mark that the arrow keys move: every line's value at the nearest point.
function addTip(box, picture, lines, place, options) {
  const xs = [...new Set(lines.flatMap(line => line.points.map(p => p[0])))].sort((a, b) => a - b);
  if (!xs.length) return;
  const tip = element('div', undefined, 'tip');
  tip.hidden = true;
  const mark = svg('line', { class: 'mark', y1: place.top, y2: place.bottom, visibility: 'hidden' });
  picture.append(mark);
  let at = xs.length - 1;
  const show = index => {
    at = Math.max(0, Math.min(xs.length - 1, index));
    const x = xs[at], left = place.x(x);
    mark.setAttribute('x1', left); mark.setAttribute('x2', left); mark.setAttribute('visibility', 'visible');
    const rows = lines.map(line => [line, line.points.find(p => p[0] === x)]).filter(([, point]) => point && Number.isFinite(point[1]));
    tip.replaceChildren(element('b', `${options.xName || ''} ${options.budgets ? budget(x) : figure(x)}`.trim()), ...rows.map(([line, point]) => {
      const row = element('div');
      const key = svg('svg', { viewBox: '0 0 18 8', 'aria-hidden': 'true' });
      key.append(svg('line', { x1: 0, x2: 18, y1: 4, y2: 4, stroke: line.color, 'stroke-width': 3, ...(line.dashed ? { 'stroke-dasharray': '6 4' } : {}) }));
      row.append(key, `${line.name}: ${options.percent ? percent(point[1]) : figure(point[1])}`);
      return row;
    }));
    tip.hidden = rows.length === 0;
    const share = left / place.width;
    tip.style.left = share < 0.5 ? `${100 * share}%` : 'auto';
    tip.style.right = share < 0.5 ? 'auto' : `${100 * (1 - share)}%`;
  };
  const hide = () => { tip.hidden = true; mark.setAttribute('visibility', 'hidden'); };
  picture.addEventListener('pointermove', event => {
    const bounds = picture.getBoundingClientRect();
    const wanted = (event.clientX - bounds.left) / bounds.width * place.width;
    show(xs.reduce((best, x, i) => Math.abs(place.x(x) - wanted) < Math.abs(place.x(xs[best]) - wanted) ? i : best, 0));
  });
  picture.addEventListener('pointerleave', hide);
  picture.addEventListener('focus', () => show(at));
  picture.addEventListener('blur', hide);
  picture.addEventListener('keydown', event => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) { event.preventDefault(); show(at + step); } else if (event.key === 'Escape') hide();
  });
  box.append(tip);
}

// lines: [{ name, color, dashed, points: [[x, y], …] }]
function chart(title, xLabel, lines, options) {
  const width = 380, height = 210, left = 46, right = 12, top = 8, bottom = 34;
  const all = lines.flatMap(line => line.points).filter(p => Number.isFinite(p[0]) && Number.isFinite(p[1]));
  const box = element('div', undefined, 'chart');
  box.dataset.chart = options.id;
  const heading = element('h4', title);
  heading.append(element('span', options.latest || '', 'value'));
  box.append(heading);
  const frame = element('div', undefined, 'frame');
  const picture = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', tabindex: 0, 'aria-label': `${title} against ${xLabel}: ${options.latest || lines.map(l => l.name).join(', ')}` });
  let [x0, x1] = [Math.min(...all.map(p => p[0])), Math.max(...all.map(p => p[0]))];
  let [y0, y1] = options.percent ? [0, 1] : [Math.min(...all.map(p => p[1])), Math.max(...all.map(p => p[1]))];
  if (options.fromZero) x0 = 0;
  if (x0 === x1) [x0, x1] = [x0 - 0.5, x1 + 0.5];
  if (y0 === y1) [y0, y1] = [y0 - 0.5, y1 + 0.5];
  const step = stepOf(y0, y1);
  if (!options.percent) {
    [y0, y1] = [Math.floor(y0 / step + 1e-9) * step, Math.ceil(y1 / step - 1e-9) * step];
  }
  const x = value => left + (value - x0) / (x1 - x0) * (width - left - right);
  const y = value => height - bottom - (value - y0) / (y1 - y0) * (height - top - bottom);
  for (const mark of ticks(y0, y1, step)) {
    picture.append(svg('line', { class: 'grid', x1: left, x2: width - right, y1: y(mark), y2: y(mark) }));
    picture.append(svg('text', { x: left - 6, y: y(mark) + 4, 'text-anchor': 'end' }, options.percent ? `${Math.round(100 * mark)} %` : figure(mark)));
  }
  // Budgets are marked where they are, everything else at round numbers.
  const marks = options.budgets ? [...new Set(all.map(p => p[0]))].sort((a, b) => a - b) : ticks(x0, x1);
  let free = -Infinity;
  for (const mark of marks) {
    if (options.whole && !Number.isInteger(mark)) continue;
    const text = options.budgets ? budget(mark) : figure(mark);
    if (x(mark) - 3.5 * text.length < free) continue;
    free = x(mark) + 3.5 * text.length + 6;
    picture.append(svg('text', { x: x(mark), y: height - bottom + 16, 'text-anchor': x(mark) > width - right - 14 ? 'end' : 'middle' }, text));
  }
  picture.append(svg('line', { class: 'axis', x1: left, x2: width - right, y1: height - bottom, y2: height - bottom }));
  picture.append(svg('text', { x: (left + width - right) / 2, y: height - 3, 'text-anchor': 'middle' }, xLabel));
  for (const line of lines) {
    const points = thin(line.points.filter(p => Number.isFinite(p[0]) && Number.isFinite(p[1])));
    const path = points.map((p, i) => `${i ? 'L' : 'M'}${x(p[0]).toFixed(1)} ${y(p[1]).toFixed(1)}`).join('');
    const style = { d: path, fill: 'none', stroke: line.color, 'stroke-width': 2, 'stroke-linejoin': 'round' };
    if (line.dashed) style['stroke-dasharray'] = '6 4';
    picture.append(svg('path', style));
    for (const p of points.length <= 16 ? points : points.slice(-1)) picture.append(svg('circle', { cx: x(p[0]), cy: y(p[1]), r: 3, fill: line.color }));
  }
  frame.append(picture);
  addTip(frame, picture, lines, { x, width, top, bottom: height - bottom }, { ...options, xName: xLabel });
  box.append(frame);
  return box;
}

function legend(entries) {
  const list = element('div', undefined, 'legend');
  for (const entry of entries) {
    const item = element('span');
    const line = { x1: 0, x2: 18, y1: 4, y2: 4, stroke: entry.color, 'stroke-width': 3 };
    if (entry.dashed) line['stroke-dasharray'] = '6 4';
    const picture = svg('svg', { viewBox: '0 0 18 8', 'aria-hidden': 'true' });
    picture.append(svg('line', line));
    item.append(picture, entry.name);
    list.append(item);
  }
  return list;
}

const splitEntries = [{ name: 'training', color: 'currentColor' }, { name: 'test', color: 'currentColor', dashed: true }];

// The curves of some series of lines of metrics.jsonl. series: [{ name, color, lines }]; in every chart dashes mean test.
function curveCharts(series) {
  const made = [];
  const trained = series.map(s => ({ ...s, lines: s.lines.filter(l => l.phase === 'training') }));
  const of = (field, dashed, label) => trained.map(s => ({ name: [s.name, label].filter(Boolean).join(', ') || field, color: s.color, dashed,
    points: s.lines.filter(l => Number.isFinite(l[field])).map(l => [l.epoch, l[field]]) })).filter(line => line.points.length > 0);
  // The latest value stands beside the title where it can be of one series alone.
  const latest = trained.map(s => s.lines[s.lines.length - 1]).filter(Boolean);
  const last = latest[0] || {};
  const add = (title, id, percentage, drawn, value) => { if (drawn.length) made.push(chart(title, 'epoch', drawn, { id, percent: percentage, whole: true, latest: latest.length === 1 ? value : '' })); };
  add('loss', 'loss', false, of('loss'), figure(last.loss));
  add('accuracy', 'accuracy', true, [...of('trainAccuracy', false, 'training'), ...of('testAccuracy', true, 'test')], Number.isFinite(last.testAccuracy) ? `test ${percent(last.testAccuracy)}` : percent(last.trainAccuracy));
  add('smallest y·score', 'margin', false, of('scoreMargin'), figure(last.scoreMargin));
  const flips = series.flatMap(s => s.lines.filter(l => Number.isFinite(l.flipRate) && Number.isFinite(l.epsilon)).map(l => ({ ...l, series: s })));
  const kinds = [...new Set(flips.map(l => `${l.norm}\n${l.attack}`))];
  for (const kind of kinds) {
    const [norm, attack] = kind.split('\n');
    const groups = new Map();
    for (const l of flips.filter(f => f.norm === norm && f.attack === attack)) {
      const key = `${series.indexOf(l.series)}\n${l.phase}`;
      if (!groups.has(key)) groups.set(key, { name: [l.series.name, l.phase === 'test' ? 'test' : 'training'].filter(Boolean).join(', '), color: l.series.color, dashed: l.phase === 'test', points: [] });
      groups.get(key).points.push([l.epsilon, l.flipRate]);
    }
    const drawn = [...groups.values()];
    for (const line of drawn) line.points = [[0, 0], ...line.points.sort((a, b) => a[0] - b[0])];
    const first = kinds.findIndex(k => k.startsWith(`${norm}\n`)) === kinds.indexOf(kind);
    made.push(chart(`flip rate, ${attack} ${norm === 'l2' ? 'L2' : 'L∞'}`, 'budget', drawn, { id: first ? `flip-${norm}` : `flip-${norm}-${attack}`, percent: true, fromZero: true, budgets: true }));
  }
  return made;
}
