// SPDX-License-Identifier: GPL-2.0-or-later
// What memory is used for, swap, and what waits for memory, CPU and I/O.

import { Chart, History, legend } from "./chart.js";
import { el, setAttribute, setText } from "./dom.js";
import { count, percent, perS, si } from "./format.js";
import { sum } from "./past.js";
import { Table } from "./table.js";

const bytes = (v) => si(v, "B");
/* What is left of @all; null where that is not known, or makes no sense. */
const less = (all, ...parts) => {
  const rest = parts.reduce((left, part) => (part === null ? NaN : left - part), all ?? NaN);
  return rest >= 0 ? rest : null;
};
/* In the order of the bar. What is used is what nothing else explains. */
const PARTS = [
  { label: "used", color: "user", of: (m) => less(m.total_bytes, m.free_bytes, m.buffers_bytes, m.cached_bytes, m.slab_bytes) },
  { label: "slab", color: "irq", of: (m) => m.slab_bytes },
  { label: "buffers", color: "nice", of: (m) => m.buffers_bytes },
  { label: "cached", color: "guest", of: (m) => m.cached_bytes },
  { label: "free", color: "track", of: (m) => m.free_bytes },
];
const SWAP = [
  { label: "swap used", color: "system", of: ({ swap }) => less(swap.total_bytes, swap.free_bytes) },
  { label: "swap free", color: "track", of: ({ swap }) => swap.free_bytes },
];
const FACTS = [
  ["available", (m) => bytes(m.available_bytes)],
  ["shared", (m) => bytes(m.shared_bytes)],
  ["reclaimable", (m) => bytes(m.reclaimable_bytes)],
  ["dirty", (m) => bytes(m.dirty_bytes)],
  ["writeback", (m) => bytes(m.writeback_bytes)],
  ["huge pages", (m) => (m.huge_total_bytes ? `${bytes(less(m.huge_total_bytes, m.huge_free_bytes))} of ${bytes(m.huge_total_bytes)}` : "none")],
  ["faults/s", (m) => perS(m.faults_per_s)],
  ["major faults/s", (m) => perS(m.major_faults_per_s)],
  ["paged in", (m) => si(m.paged_in_bytes_per_s, "B/s")],
  ["paged out", (m) => si(m.paged_out_bytes_per_s, "B/s")],
  ["swapped in", (m) => si(m.swap.in_bytes_per_s, "B/s")],
  ["swapped out", (m) => si(m.swap.out_bytes_per_s, "B/s")],
  ["OOM kills", (m) => count(m.oom_kills)],
];
const lessRows = ([all, free]) => less(sum(all), sum(free));
export const IN_USE = [
  { label: "not available", color: "user", ask: ["memory_total_bytes", "memory_available_bytes"], make: lessRows },
  { label: "swap used", color: "system", ask: ["swap_total_bytes", "swap_free_bytes"], make: (parts) => (sum(parts[0]) ? lessRows(parts) : null) },
];

class Bar {
  constructor(parent, parts) {
    this.parts = parts;
    this.legend = legend(parts);
    this.pieces = parts.map(({ color }) => {
      const piece = el("i");
      piece.style.background = `var(--${color})`;
      return piece;
    });
    this.bar = el("div", { class: "parts", role: "img", "aria-label": "Not known yet" }, ...this.pieces);
    this.box = el("div", {}, this.bar, this.legend.list);
    parent.append(this.box);
  }

  show(memory, total) {
    const sizes = this.parts.map(({ of }) => of(memory));
    this.box.hidden = !total;
    sizes.forEach((size, i) => {
      this.pieces[i].style.width = `${total ? size / total * 100 : 0}%`;
      setText(this.legend.values[i], bytes(size));
    });
    setAttribute(this.bar, "aria-label", `Of ${bytes(total)}: ${this.parts.map(({ label }, i) => `${label} ${bytes(sizes[i])}`).join(", ")}`);
  }
}

export class MemoryView {
  constructor(box) {
    this.box = box;
    this.bar = new Bar(box, PARTS);
    this.swap = new Bar(box, SWAP);
    this.noSwap = el("p", { class: "origin" }, "No swap.");
    box.append(this.noSwap);
    this.asks = IN_USE.flatMap((s) => s.ask);
    this.chart = new Chart(box, { title: "In use", series: IN_USE, stack: false, format: bytes });
    this.facts = FACTS.map(() => el("dd"));
    box.append(el("dl", { class: "facts" }, ...FACTS.map(([name], i) => el("div", {}, el("dt", {}, name), this.facts[i]))));
    this.reset();
  }

  reset() {
    this.history = new History(IN_USE.length);
  }

  fill(answers) {
    this.history.fillSeries(IN_USE, answers);
  }

  show(memory, time) {
    const { swap } = memory;
    const now = [memory.used_bytes, swap.total_bytes ? less(swap.total_bytes, swap.free_bytes) : null];
    this.bar.show(memory, memory.total_bytes);
    this.swap.show(memory, swap.total_bytes);
    this.noSwap.hidden = Boolean(swap.total_bytes);
    FACTS.forEach(([, text], i) => setText(this.facts[i], text(memory)));
    this.history.add(time, now);
    this.chart.show(this.history, `History of memory, now ${bytes(memory.used_bytes)} of ${bytes(memory.total_bytes)} not available`);
  }
}

const STALLS = [
  ["CPU, some", (p) => p.cpu.some],
  ["memory, some", (p) => p.memory.some],
  ["memory, all", (p) => p.memory.full],
  ["I/O, some", (p) => p.io.some],
  ["I/O, all", (p) => p.io.full],
];
const wait = (label, color, key) => ({ label, color, ask: [`psi_${key}_some_ns`], make: ([rows]) => sum(rows) / 1e9 });
export const WAITS = [wait("CPU", "user", "cpu"), wait("memory", "irq", "memory"), wait("I/O", "system", "io")];
const average = (title, key) => ({
  title,
  text: ({ stall }) => percent(stall[key] === null ? null : stall[key] / 100),
  part: ({ stall }) => stall[key] / 100,
});

export class PressureView {
  constructor(box) {
    this.box = box;
    this.asks = WAITS.flatMap((s) => s.ask);
    this.chart = new Chart(box, { title: "Share of time that some task waited", series: WAITS, stack: false, format: percent, least: 0.05 });
    this.table = new Table(box, { label: "Pressure", key: ({ name }) => name, columns: [
      { title: "Waited for", text: ({ name }) => name },
      { title: "now", text: ({ stall }) => percent(stall.share), part: ({ stall }) => stall.share },
      average("10 s", "avg10"), average("1 min", "avg60"), average("5 min", "avg300"),
    ] });
    this.reset();
  }

  reset() {
    this.history = new History(WAITS.length);
  }

  fill(answers) {
    this.history.fillSeries(WAITS, answers);
  }

  show(pressure, time) {
    const now = [pressure.cpu, pressure.memory, pressure.io].map(({ some }) => some.share);
    this.table.show(STALLS.map(([name, of]) => ({ name, stall: of(pressure) })));
    this.history.add(time, now);
    this.chart.show(this.history, `History of pressure, now ${WAITS.map(({ label }, i) => `${label} ${percent(now[i])}`).join(", ")}`);
  }
}
