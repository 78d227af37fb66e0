// SPDX-License-Identifier: GPL-2.0-or-later
// CPU shares: a bar for each CPU, a history of all of them or of a chosen one.

import { leads } from "./address.js";
import { Chart } from "./chart.js";
import { el, setAttribute, setText } from "./dom.js";
import { partsOf, percent, tenthsOf } from "./format.js";
import { HeatMap } from "./heat.js";
import { History } from "./history.js";
import { mean, timesOf } from "./past.js";
import { rowLink } from "./view-things.js";

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

const MANY = 16; // CPUs: their bars are short

/* guest_nice is a guest's time, too. */
const share = (shares, { key }) =>
  key === "guest" ? shares.guest + shares.guest_nice : shares[key];
const values = (shares) => STATES.map((state) => (shares ? share(shares, state) : null));

/* The same as they are told beside how busy a CPU is: all but iowait add up to that. */
function told(shares, busy) {
  const exact = values(shares);
  if (!Number.isFinite(busy) || exact.some((v) => v === null))
    return exact;
  const iowait = Math.min(tenthsOf(exact.at(-1)), 1000 - tenthsOf(busy)) / 1000;
  return [...partsOf(busy, exact.slice(0, -1)), iowait];
}

const PAST = [...STATES.map(({ key }) => key), "guest_nice", "busy"];

/* Shares at step @i; @lists: of each of PAST, values of some CPUs: their mean, of CPUs that
 * are known. */
function pastShares(lists, i) {
  const t = Object.fromEntries(PAST.map((name, n) => [name, lists[n].map((cpu) => cpu[i]).filter(Number.isFinite)]));
  if (!t.busy.length)
    return null;
  for (const name of PAST)
    t[name] = t[name].length ? mean(t[name]) : null;
  return t;
}

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
  const text = row.online ? percent(row.busy) : row.seen ? "offline" : "absent";
  values(shares).forEach((value, i) => {
    segments[i].style.width = `${(value ?? 0) * 100}%`;
  });
  setText(busy, text);
  button.classList.toggle("offline", !row.online);
  setAttribute(button, "aria-pressed", chosen);
  const parts = told(shares, row.busy).map((v, i) => [STATES[i].label, v]).filter(([, v]) => v > 0)
    .map(([label, v]) => `${label} ${percent(v)}`).join(", ");
  setAttribute(button, "title", `CPU ${row.cpu}: ${text}${row.online ? " busy" : ""}${parts && ` (${parts})`}`);
  setAttribute(button, "aria-label", button.title);
}

export class CpuView {
  constructor(box) {
    this.box = box;
    this.more = el("a", { class: "origin", hidden: "" });
    this.list = el("div", { class: "cores", role: "group", "aria-label": "CPUs; choose one for its history" });
    this.asks = PAST.map((name) => `cpu.${name}`);
    this.chart = new Chart(box, { title: "All CPUs", series: STATES, stack: true, max: 1,
      format: (v) => `${Math.round(v * 100)} %`, value: percent });
    this.heat = new HeatMap(box, { name: "Busy share of each CPU over time", label: (cpu) => `CPU ${cpu}`,
      format: percent, share: (v) => v, ends: ["idle", "busy"] });
    box.append(this.list, this.more);
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

  history(key) {
    if (!this.histories.has(key))
      this.histories.set(key, new History(STATES.length));
    return this.histories.get(key);
  }

  record(key, time, shares, busy) {
    this.history(key).add(time, told(shares, busy));
  }

  /* @key: of a CPU; null: of all. Return the shares by time. */
  fillOne(answers, times, key) {
    const lists = this.asks.map((metric) => (answers.get(metric).series ?? [])
      .filter((s) => key === null || s.key === key).map((s) => s.values));
    const shares = times.map((_, i) => pastShares(lists, i));
    const rows = shares.map((s) => told(s, s?.busy));
    this.history(key).fill(times, STATES.map((_, n) => rows.map((row) => row[n])));
    return shares;
  }

  fill(answers) {
    const first = answers.get(this.asks[0]);
    const times = timesOf(first);
    const keys = (first.series ?? []).map((s) => s.key);
    this.fillOne(answers, times, null);
    const shares = keys.map((key) => this.fillOne(answers, times, key));
    this.heat.fill(times, times.map((_, i) => {
      const known = keys.map((key, k) => [key, shares[k][i]?.busy]).filter(([, busy]) => busy !== undefined);
      return known.length ? new Map(known) : null;
    }));
  }

  show(cpu) {
    const time = cpu.real_ns / 1e9;
    this.latest = cpu;
    this.record(null, time, cpu.share, cpu.busy);
    this.heat.add(time, new Map(cpu.cpus.map((row) => [row.cpu, row.online ? row.busy : null])));
    for (const row of cpu.cpus)
      this.record(row.cpu, time, row.online ? row.share : null, row.busy);
    this.draw();
  }

  draw() {
    const { cpus } = this.latest;
    this.list.classList.toggle("many", cpus.length > MANY);
    for (const row of cpus) {
      if (!this.cores.has(row.cpu)) {
        this.cores.set(row.cpu, core(row.cpu, (cpu) => this.choose(cpu)));
        this.list.append(this.cores.get(row.cpu).button);
      }
      updateCore(this.cores.get(row.cpu), row, row.cpu === this.chosen);
    }
    const shown = this.chosen === null ? this.latest : cpus.find((row) => row.cpu === this.chosen);
    const name = this.chosen === null ? "All CPUs" : `CPU ${this.chosen}`;
    setText(this.chart.title, `${name}: ${percent(shown?.busy)} busy`);
    this.chart.show(this.history(this.chosen),
      `History of ${name}, now ${percent(shown?.busy)} busy`);
    this.more.hidden = this.chosen === null;
    setText(this.more, `All that is kept of ${name} →`);
    leads(this.more, rowLink("cpu", this.chosen));
    setAttribute(this.box, "data-mono-ns", this.latest.mono_ns);
  }
}
