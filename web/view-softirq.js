// SPDX-License-Identifier: GPL-2.0-or-later
// Softirqs a second: a row for each CPU, a column for each vector, shaded.

import { el, setAttribute, setText } from "./dom.js";
import { count, duration, percent, perS } from "./format.js";
import { HeatMap } from "./heat.js";
import { column, sum, timesOf } from "./past.js";

const LABELS = {
  hi: "HI", timer: "TIMER", net_tx: "NET_TX", net_rx: "NET_RX", block: "BLOCK",
  irq_poll: "IRQ_POLL", tasklet: "TASKLET", sched: "SCHED", hrtimer: "HRTIMER", rcu: "RCU",
};

function row(title, vectors, attributes) {
  const cells = vectors.map((vector) => el("td", { "data-vector": vector }));
  return { tr: el("tr", attributes, el("th", { scope: "row" }, title), ...cells), cells };
}

function fill(cell, rate, total, heat) {
  setText(cell, perS(rate));
  setAttribute(cell, "title", `${count(total)} since boot`);
  cell.classList.toggle("zero", !rate);
  cell.classList.toggle("heat", heat !== null);
  if (heat !== null)
    cell.style.setProperty("--h", heat.toFixed(2));
}

/* Logarithmic: ten times as many is a step of the same size everywhere. */
const heat = (rate, most) =>
  rate > 0 ? 0.05 + 0.45 * Math.log1p(rate) / Math.log1p(Math.max(most, 1)) : 0;

export class SoftirqView {
  constructor(box) {
    this.box = box;
    this.most = 1;
    this.asks = Object.keys(LABELS).map((v) => `softirq.${v}`);
    this.heat = new HeatMap(box, { name: "Softirqs a second by vector over time", label: (v) => LABELS[v] ?? v,
      format: (v) => `${perS(v)} a second`, share: (v) => Math.log1p(v) / Math.log1p(this.most),
      ends: ["none", "most (log)"] });
    this.table = el("div");
    box.append(this.table);
    this.reset();
  }

  reset() {
    this.rows = null;
    this.last = null;
    this.most = 1;
    this.heat.reset();
    this.table.replaceChildren();
  }

  build(vectors) {
    this.sum = row("All", vectors, { class: "sum" });
    this.time = row("Time of a CPU", vectors, { hidden: "" });
    this.longest = row("Longest run", vectors, { hidden: "" });
    this.body = el("tbody", {}, this.sum.tr, this.time.tr, this.longest.tr);
    this.rows = new Map();
    const head = el("tr", {}, el("th", { scope: "col" }, "per s"),
      ...vectors.map((v) => el("th", { scope: "col" }, LABELS[v] ?? v)));
    this.table.append(el("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Softirqs by CPU and vector" },
      el("table", {}, el("thead", {}, head), this.body)));
  }

  /* Exact times, where the rings have them: of the time since the last sample. */
  showTimes({ vectors, time_ns: times, max_ns: longest, mono_ns: now }) {
    this.time.tr.hidden = this.longest.tr.hidden = !times;
    if (!times)
      return;
    if (this.last && now > this.last.now)
      vectors.forEach((v, i) => setText(this.time.cells[i], percent((times[v] - this.last.times[v]) / (now - this.last.now))));
    vectors.forEach((v, i) => setText(this.longest.cells[i], longest[v] ? duration(longest[v]) : "–"));
    if (!this.last || now > this.last.now)
      this.last = { now, times };
  }

  fill(answers) {
    const vectors = Object.keys(LABELS);
    const columns = this.asks.map((metric) => column({ ask: [metric], make: ([rows]) => sum(rows) }, answers));
    this.most = Math.max(this.most, ...columns.flat());
    this.heat.fill(timesOf(answers.get(this.asks[0])), columns[0].map((first, i) =>
      (first === null ? null : new Map(vectors.map((v, n) => [v, columns[n][i]])))));
  }

  show(softirq) {
    const { vectors, cpus } = softirq;
    if (!this.rows)
      this.build(vectors);
    const most = Math.max(0, ...cpus.flatMap((c) => (c.per_s ? Object.values(c.per_s) : [])));
    const rated = cpus.some((c) => c.per_s);
    this.showTimes(softirq);
    vectors.forEach((v, i) => fill(this.sum.cells[i], rated ? softirq.per_s[v] : null, softirq.count[v], null));
    for (const c of cpus) {
      if (!this.rows.has(c.cpu)) {
        this.rows.set(c.cpu, row(`CPU ${c.cpu}`, vectors, { "data-cpu": c.cpu }));
        this.body.append(this.rows.get(c.cpu).tr);
      }
      const { cells } = this.rows.get(c.cpu);
      vectors.forEach((v, i) => fill(cells[i], c.per_s ? c.per_s[v] : null, c.count[v], heat(c.per_s?.[v] ?? 0, most)));
    }
    if (rated) {
      this.most = Math.max(this.most, ...Object.values(softirq.per_s));
      this.heat.add(softirq.real_ns / 1e9, new Map(vectors.map((v) => [v, softirq.per_s[v]])));
    }
    setAttribute(this.box, "data-mono-ns", softirq.mono_ns);
  }
}
