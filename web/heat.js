// SPDX-License-Identifier: GPL-2.0-or-later
// A heat map over time: a row for each key, a column for each sample. Where
// samples are missing, nothing is drawn, and the hatching behind it shows.

import { color, el, setAttribute, setText } from "./dom.js";

const COLUMNS = 300;
const GAP_S = 5;
const LABELS_MAX = 24;

const hex = (text) => [1, 3, 5].map((i) => parseInt(text.slice(i, i + 2), 16));
const longHex = (text) => (text.length === 4 ? `#${[...text.slice(1)].map((c) => c + c).join("")}` : text);

export class HeatMap {
  /* name: of the map; label(key): of a row; format(value); share(value): 0 to 1 */
  constructor(parent, { name, label, format, share }) {
    Object.assign(this, { name, label, format, share });
    this.canvas = el("canvas", { role: "img", "aria-label": name });
    this.labels = el("div", { class: "heat-labels", "aria-hidden": "true" });
    this.readout = el("p", { class: "origin heat-readout" });
    this.box = el("div", { class: "heat-box" }, this.labels, this.canvas);
    parent.append(this.box, this.readout);
    this.canvas.addEventListener("pointermove", (event) => this.point(event));
    this.canvas.addEventListener("pointerleave", () => setText(this.readout, ""));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    this.reset();
  }

  reset() {
    this.columns = [];
    this.keys = [];
    this.labels.replaceChildren();
  }

  /* values: Map of key to value; null where there is none */
  add(time, values) {
    const last = this.columns.at(-1);
    if (last && time <= last.time)
      return;
    for (let t = last ? last.time + GAP_S : time; t < time; t += 1)
      this.columns.push({ time: t, values: new Map() });
    this.columns.push({ time, values });
    this.columns.splice(0, this.columns.length - COLUMNS);
    if ([...values.keys()].some((key) => !this.keys.includes(key)))
      this.setKeys([...new Set([...this.keys, ...values.keys()])]);
    this.draw();
  }

  setKeys(keys) {
    this.keys = keys.every((k) => typeof k === "number") ? keys.sort((a, b) => a - b) : keys;
    const few = keys.length <= LABELS_MAX;
    const shown = few ? this.keys : [this.keys[0], this.keys.at(-1)];
    this.labels.replaceChildren(...shown.map((key) => el("span", {}, this.label(key))));
    this.box.style.setProperty("--rows", Math.min(Math.max(keys.length, 3), LABELS_MAX));
  }

  draw() {
    const { canvas, keys, columns } = this;
    if (!keys.length)
      return;
    canvas.width = COLUMNS;
    canvas.height = keys.length;
    const image = new ImageData(COLUMNS, keys.length);
    const low = hex(longHex(color("track")));
    const high = color("heat").split(" ").map(Number);
    columns.forEach(({ values }, c) => {
      const x = COLUMNS - columns.length + c;
      keys.forEach((key, y) => {
        const value = values.get(key);
        if (value === null || value === undefined)
          return;
        const part = this.share(value);
        const at = 4 * (y * COLUMNS + x);
        for (let i = 0; i < 3; i++)
          image.data[at + i] = low[i] + (high[i] - low[i]) * part;
        image.data[at + 3] = 255;
      });
    });
    canvas.getContext("2d").putImageData(image, 0, 0);
    setAttribute(canvas, "aria-label", `${this.name}, ${keys.length} rows, the last ${columns.length} samples`);
  }

  point({ offsetX, offsetY }) {
    const x = Math.floor(offsetX / this.canvas.clientWidth * COLUMNS) - COLUMNS + this.columns.length;
    const key = this.keys[Math.floor(offsetY / this.canvas.clientHeight * this.keys.length)];
    const column = this.columns[x];
    const value = column?.values.get(key);
    setText(this.readout, !column || key === undefined ? "" :
      `${this.label(key)}, ${new Date(column.time * 1000).toLocaleTimeString("en-GB")}: ${value === undefined || value === null ? "nothing came" : this.format(value)}`);
  }
}
