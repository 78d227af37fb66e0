// SPDX-License-Identifier: GPL-2.0-or-later
// A history of the last minutes, drawn by uPlot.

import { color, el, setAttribute } from "./dom.js";

export const POINTS = 300;
const HEIGHT = 180;
const GAP_S = 5; // longer without a sample is a gap in the line
const SPAN_S = 60; // shown at least, so that a young history isn't stretched
export const MARKS_MAX = 50;
/* Times, s, at which something was lost; drawn as lines over the charts. */
export const LIVE_MARKS = [];
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400, 172800, 432000];

/* Columns of values by time; the oldest fall out. */
export class History {
  constructor(columns) {
    this.columns = Array.from({ length: columns + 1 }, () => []);
  }

  add(time, values) {
    const last = this.columns[0].at(-1);
    if (last !== undefined && time <= last)
      return;
    if (last !== undefined && time - last > GAP_S)
      this.push((last + time) / 2, values.map(() => null));
    this.push(time, values);
  }

  push(time, values) {
    this.columns[0].push(time);
    values.forEach((value, i) => this.columns[i + 1].push(value));
    if (this.columns[0].length > POINTS)
      this.columns.forEach((column) => column.shift());
  }
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

/* Of the x axis: seconds near, days far. */
function timeText(t, span) {
  const date = new Date(t * 1000);
  if (span > 3 * 86400)
    return date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  const time = date.toLocaleTimeString("en-GB");
  return span > 1800 ? time.slice(0, 5) : time;
}

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

/* series: [{label, color (a name in style.css), dots: true for single points}];
 * format(value): of the y axis; max: of the y axis, if it is
 * fixed; least: what it has at least. Points have an axis of their own at the
 * right: a burst would flatten all lines. */
export class Chart {
  constructor(parent, { series, stack, format, max, least }) {
    this.marks = LIVE_MARKS;
    this.least = least ?? 1;
    this.series = series;
    this.stack = stack;
    this.format = format;
    this.max = max;
    this.box = el("div", { class: "chart", role: "img", "aria-label": "No history yet" });
    parent.append(this.box);
    this.data = [[], ...series.map(() => [])];
    this.draw();
    new ResizeObserver(() => this.resize()).observe(this.box);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
  }

  options() {
    const order = this.stack ? [...this.series].reverse() : this.series;
    const axis = {
      stroke: color("dim"),
      grid: { stroke: color("line"), width: 1 },
      ticks: { stroke: color("line"), width: 1, size: 4 },
      font: "12px system-ui, sans-serif",
    };
    return {
      width: Math.max(this.box.clientWidth, 100),
      height: HEIGHT,
      cursor: { show: false },
      select: { show: false },
      legend: { show: false },
      hooks: { draw: [(u) => drawMarks(u, this.marks)] },
      padding: [8, 26, 0, 0],
      scales: {
        x: { range: (u, low, high) => [Math.min(low, high - SPAN_S), high] },
        y: { range: (u, low, high) => [0, this.max ?? Math.max(high * 1.1, this.least)] },
        dots: { range: (u, low, high) => [0, Math.max(high * 1.1, this.least)] },
      },
      axes: [
        { ...axis, space: 80, size: 30, incrs: STEPS_S, values: (u, ticks) => ticks.map((t) => timeText(t, u.scales.x.max - u.scales.x.min)) },
        { ...axis, size: 70, splits: this.max === 1 ? () => [0, 0.25, 0.5, 0.75, 1] : undefined,
          values: (u, ticks) => ticks.map(this.format) },
        ...this.series.filter((s) => s.dots).map((s) => ({ ...axis, scale: "dots", side: 1, size: 70, stroke: color(s.color),
          grid: { show: false }, values: (u, ticks) => ticks.map((v) => (u.data.at(-1).some((dot) => dot !== null) ? this.format(v) : "")) })),
      ],
      series: [{}, ...order.map((s) => ({
        label: s.label,
        scale: s.dots ? "dots" : "y",
        stroke: color(s.color),
        fill: this.stack ? color(s.color) : undefined,
        width: this.stack ? 0 : 1.5,
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

  show(history, label) {
    this.data = this.stack ? stacked(history.columns) : history.columns;
    this.plot.setData(this.data);
    setAttribute(this.box, "aria-label", label);
  }
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
