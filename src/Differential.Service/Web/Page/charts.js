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

function figure(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 1e-3 || size >= 1e6) return value.toExponential(2);
  return Number(value.toPrecision(4)).toLocaleString('en-US', { maximumFractionDigits: 4 });
}

const percent = value => Number.isFinite(value) ? (100 * value).toFixed(1) + ' %' : '–';

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

// lines: [{ name, color, dashed, points: [[x, y], …] }]
function chart(title, xLabel, lines, options) {
  const width = 380, height = 210, left = 46, right = 10, top = 8, bottom = 34;
  const all = lines.flatMap(line => line.points).filter(p => Number.isFinite(p[0]) && Number.isFinite(p[1]));
  const box = document.createElement('div');
  box.className = 'chart';
  box.dataset.chart = options.id;
  const heading = document.createElement('h4');
  heading.textContent = title;
  const latest = document.createElement('span');
  latest.className = 'value';
  latest.textContent = options.latest || '';
  heading.append(latest);
  box.append(heading);
  const picture = svg('svg', { viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': `${title} against ${xLabel}: ${options.latest || 'no value yet'}` });
  let [x0, x1] = [Math.min(...all.map(p => p[0])), Math.max(...all.map(p => p[0]))];
  let [y0, y1] = options.percent ? [0, 1] : [Math.min(...all.map(p => p[1])), Math.max(...all.map(p => p[1]))];
  if (x0 === x1) [x0, x1] = [x0 - 0.5, x1 + 0.5];
  if (options.fromZero) x0 = 0;
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
  for (const mark of ticks(x0, x1)) {
    if (options.whole && !Number.isInteger(mark)) continue;
    picture.append(svg('text', { x: x(mark), y: height - bottom + 16, 'text-anchor': 'middle' }, figure(mark)));
  }
  picture.append(svg('line', { class: 'axis', x1: left, x2: width - right, y1: height - bottom, y2: height - bottom }));
  picture.append(svg('text', { x: (left + width - right) / 2, y: height - 3, 'text-anchor': 'middle' }, xLabel));
  for (const line of lines) {
    const points = thin(line.points.filter(p => Number.isFinite(p[0]) && Number.isFinite(p[1])));
    const path = points.map((p, i) => `${i ? 'L' : 'M'}${x(p[0]).toFixed(1)} ${y(p[1]).toFixed(1)}`).join('');
    const style = { d: path, fill: 'none', stroke: line.color, 'stroke-width': 2, 'stroke-linejoin': 'round' };
    if (line.dashed) style['stroke-dasharray'] = '6 4';
    picture.append(svg('path', style));
    for (const p of points.length <= 16 ? points : points.slice(-1)) {
      const dot = svg('circle', { cx: x(p[0]), cy: y(p[1]), r: 3, fill: line.color });
      dot.append(svg('title', {}, `${line.name}: ${figure(p[0])} → ${options.percent ? percent(p[1]) : figure(p[1])}`));
      picture.append(dot);
    }
  }
  box.append(picture);
  return box;
}

function legend(entries) {
  const list = document.createElement('div');
  list.className = 'legend';
  for (const entry of entries) {
    const item = document.createElement('span');
    const line = { x1: 0, x2: 18, y1: 4, y2: 4, stroke: entry.color, 'stroke-width': 3 };
    if (entry.dashed) line['stroke-dasharray'] = '6 4';
    const picture = svg('svg', { viewBox: '0 0 18 8', 'aria-hidden': 'true' });
    picture.append(svg('line', line));
    item.append(picture, entry.name);
    list.append(item);
  }
  return list;
}
