// SPDX-License-Identifier: GPL-2.0-or-later
// CPU shares: a bar for each CPU, a history of all of them or of a chosen one.

import { Chart, History, legend } from "./chart.js";
import { el, setAttribute, setText } from "./dom.js";
import { percent } from "./format.js";
import { HeatMap } from "./heat.js";

/* In the order of the stack, from below; what is left is idle. */
const STATES = [
  { key: "user", label: "user", color: "user" },
  { key: "nice", label: "nice", color: "nice" },
  { key: "guest", label: "guest", color: "guest" },
  { key: "system", label: "system", color: "system" },
  { key: "irq", label: "irq", color: "irq" },
  { key: "softirq", label: "softirq", color: "softirq" },
  { key: "steal", label: "steal", color: "steal" },
  { key: "iowait", label: "iowait", color: "iowait" },
];

/* guest_nice is a guest's time, too. */
const share = (shares, { key }) =>
  key === "guest" ? shares.guest + shares.guest_nice : shares[key];
const values = (shares) => STATES.map((state) => (shares ? share(shares, state) : null));

function core(cpu, choose) {
  const segments = STATES.map((state) => {
    const segment = el("i", { "data-state": state.key });
    segment.style.background = `var(--${state.color})`;
    return segment;
  });
  const busy = el("span", { class: "core-busy" });
  const button = el("button", { class: "core", type: "button", "data-cpu": cpu },
    el("span", {}, `CPU ${cpu}`),
    el("span", { class: "core-bar", "aria-hidden": "true" }, ...segments), busy);
  button.addEventListener("click", () => choose(cpu));
  return { button, segments, busy };
}

function updateCore({ button, segments, busy }, row, chosen) {
  const shares = row.online ? row.share : null;
  const text = row.online ? percent(shares?.busy) : row.seen ? "offline" : "absent";
  values(shares).forEach((value, i) => {
    segments[i].style.width = `${(value ?? 0) * 100}%`;
  });
  setText(busy, text);
  button.classList.toggle("offline", !row.online);
  setAttribute(button, "aria-pressed", chosen);
  const parts = shares ? STATES.filter((s) => share(shares, s) >= 0.0005)
    .map((s) => `${s.label} ${percent(share(shares, s))}`).join(", ") : "";
  setAttribute(button, "title", `CPU ${row.cpu}: ${text}${row.online ? " busy" : ""}${parts && ` (${parts})`}`);
  setAttribute(button, "aria-label", button.title);
}

export class CpuView {
  constructor(box) {
    this.box = box;
    this.title = el("span", { class: "chart-title" });
    this.legend = legend(STATES);
    this.list = el("div", { class: "cores", role: "group", "aria-label": "CPUs; choose one for its history" });
    box.append(el("div", { class: "chart-head" }, this.title, this.legend.list));
    this.chart = new Chart(box, { series: STATES, stack: true, max: 1, format: (v) => `${Math.round(v * 100)} %` });
    this.heat = new HeatMap(box, { name: "Busy share of each CPU over time", label: (cpu) => `CPU ${cpu}`,
      format: percent, share: (v) => v });
    box.append(this.list);
    this.reset();
  }

  reset() {
    this.cores = new Map();
    this.histories = new Map();
    this.chosen = null;
    this.latest = null;
    this.heat.reset();
    this.list.replaceChildren();
  }

  choose(cpu) {
    this.chosen = this.chosen === cpu ? null : cpu;
    this.draw();
  }

  record(key, time, shares) {
    if (!this.histories.has(key))
      this.histories.set(key, new History(STATES.length));
    this.histories.get(key).add(time, values(shares));
  }

  show(cpu) {
    const time = cpu.real_ns / 1e9;
    this.latest = cpu;
    this.record(null, time, cpu.share);
    this.heat.add(time, new Map(cpu.cpus.map((row) => [row.cpu, row.online ? row.share?.busy ?? null : null])));
    for (const row of cpu.cpus)
      this.record(row.cpu, time, row.online ? row.share : null);
    this.draw();
  }

  draw() {
    const { cpus, share: all } = this.latest;
    for (const row of cpus) {
      if (!this.cores.has(row.cpu)) {
        this.cores.set(row.cpu, core(row.cpu, (cpu) => this.choose(cpu)));
        this.list.append(this.cores.get(row.cpu).button);
      }
      updateCore(this.cores.get(row.cpu), row, row.cpu === this.chosen);
    }
    const shares = this.chosen === null ? all : cpus.find((row) => row.cpu === this.chosen)?.share;
    const name = this.chosen === null ? "All CPUs" : `CPU ${this.chosen}`;
    setText(this.title, `${name}: ${percent(shares?.busy)} busy`);
    values(shares).forEach((value, i) => setText(this.legend.values[i], percent(value)));
    this.chart.show(this.histories.get(this.chosen) ?? new History(STATES.length),
      `History of ${name}, now ${percent(shares?.busy)} busy`);
    setAttribute(this.box, "data-mono-ns", this.latest.mono_ns);
  }
}
