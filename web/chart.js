// SPDX-License-Identifier: GPL-2.0-or-later
// Values over time, drawn by uPlot. A drag chooses a time, for all charts; with Shift it
// moves along.

import { pointText, span, stepsOf, timeText } from "./axis.js";
import { color, el, setAttribute, setText } from "./dom.js";
import { exports } from "./export.js";
import { LIVE_MARKS } from "./history.js";
import { move, zoomTo } from "./time.js";

export const AXIS = 70; // px left of what is drawn, and right of it
export const EDGE = 26;
const HEIGHT = 180;
const DRAG_MIN = 5; // px that are meant as a time
const WHEEL_MS = 200; // until a wheel has come to rest
const STRIP = 6; // px, of losses
const BINARY = Array.from({ length: 60 }, (_, i) => 2 ** i); // steps of bytes

/* All that are there. While the pointer is over one, none moves: what came is drawn after. */
const charts = new Set();
let pointed = null;

function point(chart) {
  pointed = chart;
  if (!chart)
    charts.forEach((c) => c.flush());
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

/* Red above where something was lost, and a shade below it. */
function drawMarks(u, marks) {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.fillStyle = color("bad");
  for (const [from, to] of marks) {
    const [a, b] = [from, to].map((t) => Math.min(Math.max(u.valToPos(t, "x", true), bbox.left), bbox.left + bbox.width));
    if (to < u.scales.x.min || from > u.scales.x.max)
      continue;
    const wide = Math.max(2 * devicePixelRatio, b - a);
    ctx.globalAlpha = 1;
    ctx.fillRect(a, bbox.top, wide, STRIP * devicePixelRatio);
    ctx.globalAlpha = 0.1;
    ctx.fillRect(a, bbox.top, wide, bbox.height);
  }
  ctx.restore();
}

/* Known values without a neighbour, which no line would show. */
const alone = (u, i) => u.data[i].flatMap((v, at, all) =>
  (v !== null && v !== undefined && (all[at - 1] ?? null) === null && (all[at + 1] ?? null) === null ? [at] : []));

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

/* title: above it, beside the legend; without one, the caller places that and the tools.
 * series: [{label, color (a name in style.css), dash, dots: true for single points}];
 * format(value): of the y axis; value(value): of the legend, if it is another;
 * high: px; max: of the y axis, if it is fixed; least: what it has at least. Points have an
 * axis of their own at the right: a burst would flatten all lines. The legend has
 * the newest values, or those under the pointer, which all charts share. */
export class Chart {
  constructor(parent, { title, series, stack, format, value, max, least, name, high }) {
    Object.assign(this, { series, stack, format, max, high: high ?? HEIGHT });
    this.marks = LIVE_MARKS;
    this.least = least ?? 1;
    this.value = value ?? format;
    this.legend = legend(series);
    this.when = el("li", { class: "when" });
    this.legend.list.prepend(this.when);
    this.box = el("div", { class: "chart", role: "img", tabindex: "0", "aria-label": "No history yet" });
    this.box.style.height = `${this.high}px`;
    this.title = el("span", { class: "chart-title" }, title ?? "");
    this.tools = exports({ name: () => name?.() ?? `${document.title.split(" – ")[0]} ${this.title.textContent}`, head: () => this.head(), rows: () => this.rows(),
      canvas: () => this.plot.ctx.canvas, parts: series });
    if (title)
      parent.append(el("div", { class: "chart-head" }, this.title, this.legend.list));
    parent.append(el("div", { class: "chart-box" }, this.box, this.tools));
    this.columns = [[], ...series.map(() => [])];
    this.edges = null;
    this.data = this.columns;
    this.draw();
    charts.add(this);
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.box.addEventListener("blur", () => this.plot.setCursor({ left: -10, top: -10 }, true, true));
    this.box.addEventListener("pointerenter", (event) => event.pointerType === "mouse" && point(this));
    this.box.addEventListener("pointerleave", () => point(null));
    this.box.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.watch = new ResizeObserver(() => this.resize());
    this.watch.observe(this.box);
    this.scheme = matchMedia("(prefers-color-scheme: dark)");
    this.redraw = () => this.draw();
    this.scheme.addEventListener("change", this.redraw);
  }

  /* It is shown no more. */
  end() {
    charts.delete(this);
    this.watch.disconnect();
    this.scheme.removeEventListener("change", this.redraw);
    this.plot.destroy();
    if (pointed === this)
      point(null);
  }

  head() {
    return ["time", ...this.series.flatMap(({ label }) => (this.edges ? [label, `${label} min`, `${label} max`] : [label]))];
  }

  rows() {
    const [times, ...columns] = this.columns;
    return times.map((t, i) => [new Date(t * 1000).toISOString(),
      ...columns.flatMap((c, s) => (this.edges ? [c[i], this.edges[2 * s][i], this.edges[2 * s + 1][i]] : [c[i]]))]);
  }

  /* Room at the right for an axis of points, if there are any. */
  dotsAxis(axis, s) {
    const some = (u) => u.data?.[this.series.length].some((v) => v !== null);
    return { ...axis, scale: "dots", side: 1, size: (u) => (some(u) ? AXIS : EDGE), stroke: color(s.color),
      grid: { show: false }, ticks: { show: false }, values: (u, ticks) => ticks.map((v) => (some(u) ? this.format(v) : "")) };
  }

  options() {
    const order = this.stack ? [...this.series].reverse() : this.series;
    const dots = this.series.filter((s) => s.dots);
    const seconds = (u) => u.scales.x.max - u.scales.x.min;
    const axis = {
      stroke: color("dim"),
      grid: { stroke: color("line"), width: 1 },
      ticks: { stroke: color("line"), width: 1, size: 4 },
      font: "12px system-ui, sans-serif",
    };
    return {
      width: Math.max(this.box.clientWidth, 100),
      height: this.high,
      cursor: { y: false, drag: { x: true, y: false, setScale: false }, points: { show: !this.stack },
        bind: { mousedown: (u, target, handler) => (event) => (event.shiftKey ? this.pan(event) : handler(event)), dblclick: () => () => move(0, 2) },
        sync: { key: "ktach", filters: { pub: (type) => type === "mousemove" || type === "mouseleave" } } },
      legend: { show: false },
      hooks: { draw: [(u) => drawMarks(u, this.marks)], setScale: [(u, key) => key === "x" && this.tell(u.scales.x)], setCursor: [(u) => this.read(u)], setSelect: [(u) => this.select(u)] },
      padding: [8, dots.length ? 0 : EDGE, 0, 0],
      scales: {
        x: { range: (u, low, high) => this.moved ?? this.range ?? span(low, high) },
        y: { range: (u, low, high) => [0, this.max ?? Math.max(high * 1.1, this.least)] },
        dots: { range: (u, low, high) => [0, Math.max(high * 1.1, this.least)] },
      },
      axes: [
        { ...axis, space: 80, size: 30, incrs: (u) => stepsOf(seconds(u)), values: (u, ticks) => ticks.map((t) => timeText(t, seconds(u))) },
        { ...axis, size: AXIS, splits: this.max === 1 ? () => [0, 0.25, 0.5, 0.75, 1] : undefined,
          incrs: this.format.binary ? BINARY : undefined, values: (u, ticks) => ticks.map((v) => this.format(v)) },
        ...dots.map((s) => this.dotsAxis(axis, s)),
      ],
      bands: this.edges ? this.series.map((s, i) => ({ series: [order.length + 2 * i + 2, order.length + 2 * i + 1], fill: `${color(s.color)}38` })) : [],
      series: [{}, ...order.map((s) => ({
        label: s.label,
        scale: s.dots ? "dots" : "y",
        stroke: color(s.color),
        fill: this.stack ? color(s.color) : undefined,
        width: this.stack ? 0 : 1.5,
        dash: s.dash,
        paths: s.dots ? () => null : undefined,
        points: s.dots ? { show: true, size: 5, fill: color(s.color) } :
          { show: !this.stack, size: 4, fill: color(s.color), filter: alone },
      })), ...(this.edges ?? []).map(() => ({ stroke: "transparent", width: 0, points: { show: false } }))],
    };
  }

  /* For who looks at the page by a program. */
  tell({ min, max }) {
    if (Number.isFinite(min) && Number.isFinite(max))
      Object.assign(this.box.dataset, { from: min.toFixed(1), to: max.toFixed(1) });
  }

  draw() {
    this.plot?.destroy();
    this.plot = new uPlot(this.options(), this.data, this.box);
  }

  resize() {
    const width = this.box.clientWidth;
    if (width && width !== this.plot.width)
      this.plot.setSize({ width, height: this.high });
  }

  /* What was dragged over is the time to show. */
  select(u) {
    const { left, width } = u.select;
    if (!width)
      return;
    const [from, to] = [left, left + width].map((x) => u.posToVal(x, "x"));
    u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
    if (width >= DRAG_MIN)
      zoomTo(from, to);
  }

  /* All charts at once; the address follows when it is over. */
  slide(from, to) {
    for (const chart of charts) {
      chart.moved = [from, to];
      chart.plot.setScale("x", { min: from, max: to });
    }
  }

  rest() {
    const [from, to] = this.moved;
    charts.forEach((chart) => {
      chart.moved = null;
    });
    zoomTo(from, to);
  }

  pan({ clientX }) {
    const { min, max } = this.plot.scales.x;
    const width = this.plot.over.clientWidth;
    const over = new AbortController();
    addEventListener("mousemove", (event) => {
      const by = (clientX - event.clientX) / width * (max - min);
      this.slide(min + by, max + by);
    }, over);
    addEventListener("mouseup", () => {
      over.abort();
      if (this.moved)
        this.rest();
    }, over);
  }

  /* With Ctrl, as a map's: about the pointer. */
  wheel(event) {
    if (!event.ctrlKey && !event.metaKey)
      return;
    event.preventDefault();
    const { min, max } = this.plot.scales.x;
    const at = this.plot.posToVal(event.clientX - this.plot.over.getBoundingClientRect().left, "x");
    const times = event.deltaY < 0 ? 0.8 : 1.25;
    this.slide(at - (at - min) * times, at + (max - at) * times);
    clearTimeout(this.wheeled);
    this.wheeled = setTimeout(() => this.rest(), WHEEL_MS);
  }

  /* Arrow keys go from sample to sample; with Shift through the time. */
  key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const times = this.columns[0];
    const zoom = { "+": 0.5, "-": 2 }[event.key];
    if (event.ctrlKey || event.altKey || event.metaKey || !(step || zoom))
      return;
    event.preventDefault();
    if (zoom || event.shiftKey) {
      move((step ?? 0) / 2, zoom);
      return;
    }
    if (!times.length)
      return;
    const at = Math.min(Math.max((this.plot.cursor.idx ?? times.length) + step, 0), times.length - 1);
    this.plot.setCursor({ left: this.plot.valToPos(times[at], "x"), top: this.high / 2 }, true, true);
  }

  /* A value, and between what it moved. */
  valueText(s, value, at) {
    const [low, high] = this.edges ? [2 * s, 2 * s + 1].map((i) => this.edges[i][at]) : [];
    const text = this.value(value);
    return at < 0 || high === null || high === undefined || this.value(high) === text ? text : `${text} (${this.value(low)} to ${this.value(high)})`;
  }

  /* The legend: of the sample under the pointer, or the newest. */
  read({ cursor: { idx }, scales: { x } }) {
    const [times, ...columns] = this.columns;
    const at = typeof idx === "number" ? idx : -1;
    setText(this.when, at < 0 ? "" : pointText(times[at], x.max - x.min));
    columns.forEach((c, i) => setText(this.legend.values[i],
      this.valueText(i, at < 0 ? (this.newest ? this.newest[i] : c.at(-1)) : c[at], at)));
  }

  flush() {
    const show = this.held;
    this.held = null;
    show?.();
  }

  /* newest: values that are the legend's, if not the last ones; range: from and to, s;
   * edges: of each column least and largest values */
  show(history, label, { newest, range, edges } = {}) {
    if (pointed && this.columns[0].length && !this.range && !range) {
      this.held = () => this.show(history, label, { newest, range, edges });
      return;
    }
    this.columns = history.columns.map((c) => c.slice());
    this.newest = newest;
    this.range = range;
    this.data = [...(this.stack ? stacked(this.columns) : this.columns), ...(edges ?? [])];
    const same = Boolean(edges) === Boolean(this.edges);
    this.edges = edges ?? null;
    if (same)
      this.plot.setData(this.data);
    else
      this.draw();
    this.read(this.plot);
    setAttribute(this.box, "aria-label", label);
  }
}
