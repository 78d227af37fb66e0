// SPDX-License-Identifier: GPL-2.0-or-later
// A history of the last minutes, drawn by uPlot.

import { color, el, setAttribute, setText } from "./dom.js";
import { column, timesOf } from "./past.js";

export const POINTS = 300;
export const AXIS = 70; // px left of what is drawn, and right of it
export const EDGE = 26;
const HEIGHT = 180;
const SPAN_S = 60; // shown at least, so that a young history isn't stretched
export const MARKS_MAX = 50;
/* Times, s, at which something was lost; drawn as lines over the charts. */
export const LIVE_MARKS = [];
/* Of the node: seconds from sample to sample, and those without any that are a
 * gap; lost: something was, since the sample before. */
export const pace = { period: 1, gap: 5, lost: false };
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000];

export const isGap = (last, time, gap = pace.gap) => time - last > gap;
/* What is shown of a history from @first to @last. */
export const span = (first, last) => [Math.min(first, last - SPAN_S), last];

/* Columns of values by time; the oldest fall out. */
export class History {
  constructor(columns) {
    this.columns = Array.from({ length: columns + 1 }, () => []);
  }

  add(time, values) {
    const last = this.columns[0].at(-1);
    if (last !== undefined && time <= last)
      return;
    if (last !== undefined && (pace.lost || isGap(last, time, this.gap)))
      this.push((last + time) / 2, values.map(() => null));
    this.push(time, values);
  }

  push(time, values) {
    this.columns[0].push(time);
    values.forEach((value, i) => this.columns[i + 1].push(value));
    if (this.columns[0].length > POINTS)
      this.columns.forEach((column) => column.shift());
  }

  /* What was before the first sample that came. */
  fill(times, columns) {
    const first = this.columns[0][0] ?? Infinity;
    const [now, lost] = [this.columns, pace.lost];
    this.gap = Math.max(pace.gap, 3 * Math.min(...columns.map(spacing)) * (times[1] - times[0] || 0));
    this.columns = now.map(() => []);
    pace.lost = false;
    times.forEach((time, i) => {
      const values = columns.map((c) => c[i] ?? null);
      if (time < first && values.some((v) => v !== null))
        this.add(time, values);
    });
    now[0].forEach((time, i) => this.add(time, now.slice(1).map((c) => c[i])));
    pace.lost = lost;
  }

  /* series: as in past.js */
  fillSeries(series, answers) {
    const columns = series.map((s) => (s.dots ? column(s, answers) : held(column(s, answers))));
    this.fill(timesOf(answers.get(series[0].ask[0])), columns);
  }
}

/* From value to value, in steps, as it mostly is; 1 if that isn't known. */
function spacing(values) {
  const at = values.flatMap((v, i) => (v === null ? [] : [i]));
  const steps = at.slice(1).map((i, n) => i - at[n]).sort((a, b) => a - b);
  return steps[steps.length >> 1] ?? 1;
}

/* A source that is slower than the steps: each value stays until the next one is
 * due. */
function held(values) {
  const usual = spacing(values);
  let last = -1;
  return usual === 1 ? values : values.map((v, i) => {
    last = v === null ? last : i;
    return last >= 0 && i - last < 2 * usual ? values[last] : null;
  });
}

/* Areas on top of each other: each is drawn with all below it, tallest first,
 * so that what shows of it is its own part. */
function stacked(data) {
  const [time, ...columns] = data;
  const sums = columns.map((column) => column.slice());
  for (let i = 1; i < sums.length; i++)
    sums[i] = sums[i].map((v, t) => (v === null ? null : v + sums[i - 1][t]));
  return [time, ...sums.reverse()];
}

/* Of an axis: seconds near, days far. */
export function timeText(t, span) {
  const date = new Date(t * 1000);
  if (span > 3 * 86400)
    return date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  const time = date.toLocaleTimeString("en-GB");
  return span > 1800 ? time.slice(0, 5) : time;
}

/* Of a point: with its day where the axis has days. */
const pointText = (t, span) =>
  (span > 43200 ? `${timeText(t, Infinity)} ` : "") + timeText(t, span > 43200 ? 43200 : 0);

function drawMarks(u, marks) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.fillStyle = color("bad");
  ctx.globalAlpha = 0.55;
  for (const time of marks) {
    const x = u.valToPos(time, "x", true);
    if (x >= bbox.left && x <= bbox.left + bbox.width)
      ctx.fillRect(x - 1, bbox.top, 2, bbox.height);
  }
  ctx.restore();
}

export function legend(series) {
  const list = el("ul", { class: "legend" });
  const values = series.map((s) => {
    const swatch = el("span", { class: "swatch" });
    const value = el("b");
    swatch.style.background = `var(--${s.color})`;
    list.append(el("li", {}, swatch, s.label, value));
    return value;
  });
  return { list, values };
}

/* title: above it, beside the legend; without one, the caller places that.
 * series: [{label, color (a name in style.css), dots: true for single points}];
 * format(value): of the y axis; value(value): of the legend, if it is another;
 * max: of the y axis, if it is fixed; least: what it has at least. Points have an
 * axis of their own at the right: a burst would flatten all lines. The legend has
 * the newest values, or those under the pointer, which all charts share. */
export class Chart {
  constructor(parent, { title, series, stack, format, value, max, least }) {
    this.marks = LIVE_MARKS;
    this.least = least ?? 1;
    this.series = series;
    this.stack = stack;
    this.format = format;
    this.value = value ?? format;
    this.max = max;
    this.legend = legend(series);
    this.when = el("li", { class: "when" });
    this.legend.list.prepend(this.when);
    this.box = el("div", { class: "chart", role: "img", tabindex: "0", "aria-label": "No history yet" });
    this.title = el("span", { class: "chart-title" }, title ?? "");
    if (title)
      parent.append(el("div", { class: "chart-head" }, this.title, this.legend.list));
    parent.append(this.box);
    this.columns = [[], ...series.map(() => [])];
    this.data = this.columns;
    this.draw();
    this.box.addEventListener("keydown", (event) => this.move(event));
    this.box.addEventListener("blur", () => this.plot.setCursor({ left: -10, top: -10 }, true, true));
    new ResizeObserver(() => this.resize()).observe(this.box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  /* Room at the right for an axis of points, if there are any. */
  dotsAxis(axis, s) {
    const some = (u) => u.data?.at(-1).some((v) => v !== null);
    return { ...axis, scale: "dots", side: 1, size: (u) => (some(u) ? AXIS : EDGE), stroke: color(s.color),
      grid: { show: false }, ticks: { show: false }, values: (u, ticks) => ticks.map((v) => (some(u) ? this.format(v) : "")) };
  }

  options() {
    const order = this.stack ? [...this.series].reverse() : this.series;
    const dots = this.series.filter((s) => s.dots);
    const axis = {
      stroke: color("dim"),
      grid: { stroke: color("line"), width: 1 },
      ticks: { stroke: color("line"), width: 1, size: 4 },
      font: "12px system-ui, sans-serif",
    };
    return {
      width: Math.max(this.box.clientWidth, 100),
      height: HEIGHT,
      cursor: { y: false, drag: { x: false, y: false }, points: { show: !this.stack }, sync: { key: "ktach" } },
      select: { show: false },
      legend: { show: false },
      hooks: { draw: [(u) => drawMarks(u, this.marks)], setCursor: [(u) => this.read(u)] },
      padding: [8, dots.length ? 0 : EDGE, 0, 0],
      scales: {
        x: { range: (u, low, high) => span(low, high) },
        y: { range: (u, low, high) => [0, this.max ?? Math.max(high * 1.1, this.least)] },
        dots: { range: (u, low, high) => [0, Math.max(high * 1.1, this.least)] },
      },
      axes: [
        { ...axis, space: 80, size: 30, incrs: STEPS_S, values: (u, ticks) => ticks.map((t) => timeText(t, u.scales.x.max - u.scales.x.min)) },
        { ...axis, size: AXIS, splits: this.max === 1 ? () => [0, 0.25, 0.5, 0.75, 1] : undefined,
          values: (u, ticks) => ticks.map(this.format) },
        ...dots.map((s) => this.dotsAxis(axis, s)),
      ],
      series: [{}, ...order.map((s) => ({
        label: s.label,
        scale: s.dots ? "dots" : "y",
        stroke: color(s.color),
        fill: this.stack ? color(s.color) : undefined,
        width: this.stack ? 0 : 1.5,
        dash: s.dash,
        paths: s.dots ? () => null : undefined,
        points: s.dots ? { show: true, size: 5, fill: color(s.color) } : { show: false },
      }))],
    };
  }

  draw() {
    this.plot?.destroy();
    this.plot = new uPlot(this.options(), this.data, this.box);
  }

  resize() {
    const width = this.box.clientWidth;
    if (width && width !== this.plot.width)
      this.plot.setSize({ width, height: HEIGHT });
  }

  /* Arrow keys go from sample to sample. */
  move(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const times = this.columns[0];
    if (!step || !times.length)
      return;
    event.preventDefault();
    const at = Math.min(Math.max((this.plot.cursor.idx ?? times.length) + step, 0), times.length - 1);
    this.plot.setCursor({ left: this.plot.valToPos(times[at], "x"), top: HEIGHT / 2 }, true, true);
  }

  /* The legend: of the sample under the pointer, or the newest. */
  read({ cursor: { idx }, scales: { x } }) {
    const [times, ...columns] = this.columns;
    const at = typeof idx === "number" ? idx : -1;
    setText(this.when, at < 0 ? "" : pointText(times[at], x.max - x.min));
    columns.forEach((c, i) => setText(this.legend.values[i],
      this.value(at < 0 ? (this.newest ? this.newest[i] : c.at(-1)) : c[at])));
  }

  /* newest: values that are the legend's, if not the last ones. */
  show(history, label, newest) {
    this.columns = history.columns;
    this.newest = newest;
    this.data = this.stack ? stacked(history.columns) : history.columns;
    this.plot.setData(this.data);
    this.read(this.plot);
    setAttribute(this.box, "aria-label", label);
  }
}
