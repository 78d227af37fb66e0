// SPDX-License-Identifier: GPL-2.0-or-later
// A heat map over time, below a chart and as wide: a row for each key. Where
// samples are missing, nothing is drawn, and the hatching behind it shows.

import { span, timeText } from "./axis.js";
import { color, el, setAttribute, setText } from "./dom.js";
import { exports } from "./export.js";
import { isGap, pace, POINTS } from "./history.js";

const LABELS_MAX = 24;
const RAMP = ["heat-0", "heat-1", "heat-2", "heat-3"];

const hex = (text) => [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16));

/* 256 colours between those of the ramp. */
function ramp() {
  const stops = RAMP.map((name) => hex(color(name)));
  return Array.from({ length: 256 }, (_, i) => {
    const at = i / 255 * (stops.length - 1);
    const low = stops[Math.floor(at)];
    const high = stops[Math.ceil(at)];
    return low.map((c, k) => c + (high[k] - c) * (at % 1));
  });
}

export class HeatMap {
  /* name: of the map; label(key): of a row; format(value); share(value): 0 to 1;
   * ends: texts of the scale's ends */
  constructor(parent, { name, label, format, share, ends }) {
    Object.assign(this, { name, label, format, share });
    this.canvas = el("canvas", { role: "img", "aria-label": name });
    this.labels = el("div", { class: "heat-labels", "aria-hidden": "true" });
    this.readout = el("span", { class: "heat-readout" });
    this.scale = el("span", { class: "scale", "aria-hidden": "true" }, ends[0], el("i"), ends[1]);
    [this.from, this.to] = [el("span"), el("span")];
    this.box = el("div", { class: "heat-box" }, this.labels, this.canvas);
    this.tools = exports({ name: () => `${document.title.split(" – ")[0]} ${name}`, head: () => ["time", ...this.keys.map(label)],
      rows: () => this.columns.map(({ time, values }) => [new Date(time * 1000).toISOString(), ...this.keys.map((key) => values.get(key))]),
      canvas: () => this.canvas, parts: [] });
    parent.append(this.box, el("div", { class: "heat-foot origin" }, this.from, this.readout, this.scale, this.tools, this.to));
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerleave", () => this.say(""));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    this.reset();
  }

  reset() {
    this.columns = [];
    this.keys = [];
    this.labels.replaceChildren();
    this.say("");
  }

  /* values: Map of key to value; null where there is none */
  add(time, values) {
    const last = this.columns.at(-1)?.time;
    if (last !== undefined && time <= last)
      return;
    this.columns.push({ time, values, gap: last !== undefined && (pace.lost || isGap(last, time)) });
    this.columns.splice(0, this.columns.length - POINTS);
    if ([...values.keys()].some((key) => !this.keys.includes(key)))
      this.setKeys([...new Set([...this.keys, ...values.keys()])]);
    this.draw();
  }

  /* What was before; @values: a Map for each time. */
  fill(times, values) {
    const first = this.columns[0]?.time ?? Infinity;
    const before = times.map((time, i) => ({ time, values: values[i] })).filter((c) => c.time < first && c.values);
    this.columns = [...before, ...this.columns];
    this.columns.forEach((c, i, all) => {
      c.gap ||= i > 0 && isGap(all[i - 1].time, c.time);
    });
    this.columns.splice(0, this.columns.length - POINTS);
    this.setKeys([...new Set(this.columns.flatMap((c) => [...c.values.keys()]))]);
    this.draw();
  }

  setKeys(keys) {
    this.keys = keys.every((k) => typeof k === "number") ? keys.sort((a, b) => a - b) : keys;
    const few = keys.length <= LABELS_MAX;
    const shown = few ? this.keys : [this.keys[0], this.keys.at(-1)];
    this.labels.classList.toggle("ends", !few);
    this.labels.replaceChildren(...shown.map((key) => el("span", {}, this.label(key))));
    this.box.style.setProperty("--rows", Math.min(Math.max(keys.length, 3), LABELS_MAX));
  }

  range() {
    return span(this.columns[0].time, this.columns.at(-1).time);
  }

  /* Which column is drawn at each pixel: a sample tells of the time before it. */
  pixels(width) {
    const [from, to] = this.range();
    let c = 0;
    return Array.from({ length: width }, (_, x) => {
      const time = from + (x + 0.5) / width * (to - from);
      while (this.columns[c].time < time && c < this.columns.length - 1)
        c++;
      const { time: until, gap } = this.columns[c];
      return until - time > (gap || !c ? pace.period : pace.gap) ? -1 : c;
    });
  }

  draw() {
    const { canvas, keys, columns } = this;
    const width = canvas.clientWidth;
    if (!keys.length || !width)
      return;
    canvas.width = width;
    canvas.height = keys.length;
    const image = new ImageData(width, keys.length);
    const colors = ramp();
    this.shown = this.pixels(width);
    this.shown.forEach((c, x) => keys.forEach((key, y) => {
      const value = columns[c]?.values.get(key);
      if (value !== null && value !== undefined)
        image.data.set([...colors[Math.round(255 * Math.min(Math.max(this.share(value), 0), 1))], 255], 4 * (y * width + x));
    }));
    canvas.getContext("2d").putImageData(image, 0, 0);
    const [from, to] = this.range();
    setText(this.from, timeText(from, 0));
    setText(this.to, timeText(to, 0));
    setAttribute(canvas, "aria-label", `${this.name}, ${keys.length} rows, the last ${columns.length} samples`);
  }

  /* The scale makes room for what is said. */
  say(text) {
    setText(this.readout, text);
    this.scale.hidden = Boolean(text);
  }

  point({ offsetX, offsetY }) {
    const column = this.columns[this.shown?.[Math.floor(offsetX)]];
    const key = this.keys[Math.floor(offsetY / this.canvas.clientHeight * this.keys.length)];
    const value = column?.values.get(key);
    if (key !== undefined)
      this.say(`${this.label(key)}${column ? `, ${timeText(column.time, 0)}` : ""}: ${value === undefined || value === null ? "nothing came" : this.format(value)}`);
  }
}
