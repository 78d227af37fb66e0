// SPDX-License-Identifier: GPL-2.0-or-later
// What memory is used for, swap, and what waits for memory, CPU and I/O.

import { Chart, legend } from "./chart.js";
import { el, setAttribute, setText } from "./dom.js";
import { bytes, bytesPerS, count, percent, perS } from "./format.js";
import { History } from "./history.js";
import { sum } from "./past.js";
import { Table } from "./table.js";

/* What is left of @all; null where that is not known, or makes no sense. */
const less = (all, ...parts) => {
  const rest = parts.reduce((left, part) => (part === null ? NaN : left - part), all ?? NaN);
  return rest >= 0 ? rest : null;
};
/* In the order of the bar: what is not available, what of the rest is in use, what is not. */
const PARTS = [
  { label: "used", color: "user", of: (m) => m.used_bytes },
  { label: "caches that can be freed", color: "guest", of: (m) => less(m.available_bytes, m.free_bytes) },
  { label: "free", color: "track", of: (m) => (m.free_bytes === null ? null : Math.min(m.free_bytes, m.available_bytes ?? m.free_bytes)) },
];
const SWAP = [
  { label: "swap used", color: "system", of: (m) => m.swap_used_bytes },
  { label: "swap free", color: "track", of: (m) => m.swap_free_bytes },
];
const FACTS = [
  ["cached", (m) => bytes(m.cached_bytes)],
  ["buffers", (m) => bytes(m.buffers_bytes)],
  ["slab", (m) => bytes(m.slab_bytes)],
  ["available", (m) => bytes(m.available_bytes)],
  ["shared", (m) => bytes(m.shared_bytes)],
  ["reclaimable", (m) => bytes(m.reclaimable_bytes)],
  ["dirty", (m) => bytes(m.dirty_bytes)],
  ["writeback", (m) => bytes(m.writeback_bytes)],
  ["huge pages", (m) => (m.huge_total_bytes ? `${bytes(less(m.huge_total_bytes, m.huge_free_bytes))} of ${bytes(m.huge_total_bytes)}` : "none")],
  ["faults/s", (m) => perS(m.faults_per_s)],
  ["major faults/s", (m) => perS(m.major_faults_per_s)],
  ["paged in", (m) => bytesPerS(m.pages_in_bytes_per_s)],
  ["paged out", (m) => bytesPerS(m.pages_out_bytes_per_s)],
  ["swapped in", (m) => bytesPerS(m.swapped_in_bytes_per_s)],
  ["swapped out", (m) => bytesPerS(m.swapped_out_bytes_per_s)],
  ["OOM kills", (m) => count(m.oom_kills)],
];
export const IN_USE = [
  { label: "used", color: "user", ask: ["memory.used_bytes"], make: ([rows]) => sum(rows) },
  { label: "swap used", color: "system", ask: ["swap.used_bytes"], make: ([rows]) => sum(rows) },
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
    const now = [memory.used_bytes, memory.swap_total_bytes ? memory.swap_used_bytes : null];
    this.bar.show(memory, memory.total_bytes);
    this.swap.show(memory, memory.swap_total_bytes);
    this.noSwap.hidden = memory.swap_total_bytes !== 0; // null: not known
    FACTS.forEach(([, text], i) => setText(this.facts[i], text(memory)));
    this.history.add(time, now);
    this.chart.show(this.history, `History of memory, now ${bytes(memory.used_bytes)} of ${bytes(memory.total_bytes)} used`);
  }
}

const STALLS = [["CPU, some", "cpu_some"], ["memory, some", "memory_some"], ["memory, all", "memory_full"], ["I/O, some", "io_some"], ["I/O, all", "io_full"]];
const wait = (label, color, key) => ({ label, color, ask: [`pressure.${key}_some`], make: ([rows]) => sum(rows) });
export const WAITS = [wait("CPU", "user", "cpu"), wait("memory", "irq", "memory"), wait("I/O", "system", "io")];
const average = (title, over) => ({
  title,
  text: ({ p, key }) => percent(p[key + over]),
  part: ({ p, key }) => p[key + over],
});

export class PressureView {
  constructor(box) {
    this.box = box;
    this.asks = WAITS.flatMap((s) => s.ask);
    this.chart = new Chart(box, { title: "Share of time that some task waited", series: WAITS, stack: false, format: percent, least: 0.05 });
    this.table = new Table(box, { label: "Pressure", key: ({ name }) => name, columns: [
      { title: "Waited for", text: ({ name }) => name },
      average("now", ""), average("10 s", "_10s"), average("1 min", "_60s"), average("5 min", "_300s"),
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
    const now = ["cpu", "memory", "io"].map((key) => pressure[`${key}_some`]);
    this.table.show(STALLS.map(([name, key]) => ({ name, key, p: pressure })));
    this.history.add(time, now);
    this.chart.show(this.history, `History of pressure, now ${WAITS.map(({ label }, i) => `${label} ${percent(now[i])}`).join(", ")}`);
  }
}
