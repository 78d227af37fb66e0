// SPDX-License-Identifier: GPL-2.0-or-later
// How many tasks run or want to, beside how many CPUs there are for them.

import { Chart } from "./chart.js";
import { el, setText } from "./dom.js";
import { count, perS } from "./format.js";
import { History } from "./history.js";
import { mean } from "./past.js";

const number = (v) => v?.toFixed(2) ?? "–";
const load = (label, color, time) => ({ label, color, ask: [`load_${time}`], make: ([rows]) => mean(rows) });
export const LOADS = [load("1 min", "user", "1min"), load("5 min", "irq", "5min"), load("15 min", "system", "15min")];
const SERIES = [...LOADS, { label: "CPUs", color: "edge", dash: [4, 4], ask: ["cpu.flags"], make: ([rows]) => rows.length }];
const counted = (name, key) => [name, (g) => count(g[key])];
const rated = (name, key) => [name, (g, rates) => perS(rates[key])];
/* What is good as none is told only if there is some. */
const some = (name, key, bad) => [name, (g) => (g[key] ? count(g[key]) : "–"), bad];
const FACTS = [
  counted("running", "tasks_running"), some("blocked", "tasks_blocked", true), counted("sleeping", "tasks_sleeping"),
  some("stopped", "tasks_stopped"), some("zombies", "tasks_zombie", true), counted("processes", "processes_all"), counted("threads", "threads"),
  rated("switches/s", "context_switches"), rated("forks/s", "forks"), rated("exits/s", "exits"), rated("interrupts/s", "interrupts"),
];

export class LoadView {
  constructor(box) {
    this.box = box;
    this.asks = SERIES.flatMap((s) => s.ask);
    this.chart = new Chart(box, { title: "Tasks that run or wait", series: SERIES, stack: false, format: (v) => String(+v.toFixed(2)), value: number });
    this.facts = FACTS.map(([, , bad]) => el("dd", { "data-bad": Boolean(bad) }));
    box.append(el("dl", { class: "facts" }, ...FACTS.map(([name], i) => el("div", {}, el("dt", {}, name), this.facts[i]))));
    this.reset();
  }

  reset() {
    this.history = new History(SERIES.length);
  }

  fill(answers) {
    this.history.fillSeries(SERIES, answers);
  }

  show({ gauges, counters_per_s: rates, cpus }, time) {
    FACTS.forEach(([, text], i) => {
      setText(this.facts[i], text(gauges, rates));
      this.facts[i].parentElement.hidden = this.facts[i].textContent === "–";
    });
    this.history.add(time, [gauges.load_1min, gauges.load_5min, gauges.load_15min, cpus]);
    this.chart.show(this.history, `History of the load, now ${number(gauges.load_1min)}, of ${count(cpus)} CPUs`);
  }
}
