// SPDX-License-Identifier: GPL-2.0-or-later
// Hours to weeks of a node, from the collector's history.

import { Chart, legend } from "./chart.js";
import { el, notice, setText } from "./dom.js";
import { bytesPerS, count, percent, perS, si } from "./format.js";

export const RANGES = { "1 h": 3600, "24 h": 86400, "7 d": 604800, "30 d": 2592000 };

/* Each series: what is asked, and what becomes of all its rows at a time. */
const sum = (rows) => rows.reduce((a, b) => a + b, 0);
const mean = (rows) => sum(rows) / rows.length;
const CARDS = [
  { title: "CPU", max: 1, format: (v) => `${Math.round(v * 100)} %`, value: percent, series: [
    { label: "busy", color: "accent", ask: ["cpu.idle_ns", "cpu.iowait_ns"], make: ([idle, wait]) => Math.max(0, 1 - (mean(idle) + mean(wait)) / 1e9) },
    { label: "iowait", color: "system", ask: ["cpu.iowait_ns"], make: ([wait]) => mean(wait) / 1e9 },
  ] },
  { title: "Network", format: bytesPerS, value: bytesPerS, series: [
    { label: "received", color: "rx", ask: ["net.rx_bytes"], make: ([rows]) => sum(rows) },
    { label: "sent", color: "tx", ask: ["net.tx_bytes"], make: ([rows]) => sum(rows) },
  ] },
  { title: "Softirqs", format: perS, value: perS, series: [
    { label: "NET_RX", color: "rx", ask: ["softirq.net_rx"], make: ([rows]) => sum(rows) },
    { label: "TIMER", color: "tx", ask: ["softirq.timer"], make: ([rows]) => sum(rows) },
    { label: "RCU", color: "guest", ask: ["softirq.rcu"], make: ([rows]) => sum(rows) },
  ] },
  { title: "Memory", format: (v) => si(v, "B"), value: (v) => si(v, "B"), series: [
    { label: "used", color: "accent", ask: ["memory_total_bytes", "memory_available_bytes"], make: ([all, free]) => sum(all) - sum(free) },
    { label: "swap", color: "system", ask: ["swap_total_bytes", "swap_free_bytes"], make: ([all, free]) => sum(all) - sum(free) },
  ] },
  { title: "Disks", format: bytesPerS, value: bytesPerS, series: [
    { label: "read", color: "rx", ask: ["disk.read_bytes"], make: ([rows]) => sum(rows) },
    { label: "written", color: "tx", ask: ["disk.written_bytes"], make: ([rows]) => sum(rows) },
  ] },
  { title: "Pressure", least: 0.05, format: percent, value: percent, series: [
    { label: "CPU", color: "user", ask: ["psi_cpu_some_ns"], make: ([rows]) => sum(rows) / 1e9 },
    { label: "memory", color: "irq", ask: ["psi_memory_some_ns"], make: ([rows]) => sum(rows) / 1e9 },
    { label: "I/O", color: "system", ask: ["psi_io_some_ns"], make: ([rows]) => sum(rows) / 1e9 },
  ] },
];
/* How losses are told, in the order of their way from the source. */
const LOSSES = [
  ["cpu", "CPU samples at their source"], ["softirq", "softirq samples at their source"], ["net", "interface samples at their source"],
  ["size", "rows that fit no frame"], ["queue", "for want of room in the shipper's queue"], ["spool", "frames of the spool"],
  ["key", "frames whose key no collector knew"],
  ["send_failed", "frames that the node did not send"], ["lost", "frames on the way"], ["late", "frames that came too late"],
];

function lossText(steps) {
  const parts = LOSSES.map(([key, text]) => [steps.reduce((all, step) => all + step[key], 0), text]).filter(([n]) => n > 0);
  return parts.length ? `Lost, at the red lines: ${parts.map(([n, text]) => `${count(n)} ${text}`).join(", ")}.` : "";
}

/* One column of values by time: null where any part is missing. */
function column({ ask, make }, answers) {
  const parts = ask.map((metric) => answers.get(metric).series.map((s) => s.values));
  const length = Math.max(0, ...parts.flat().map((values) => values.length));
  return Array.from({ length }, (_, i) => {
    const rows = parts.map((part) => part.map((values) => values[i]).filter((v) => v !== null && v !== undefined));
    return rows.every((r) => r.length) ? make(rows) : null;
  });
}

const last = (values) => values.findLast((v) => v !== null) ?? null;

class Card {
  constructor(parent, spec) {
    this.spec = spec;
    this.legend = legend(spec.series);
    this.note = el("span", { class: "origin" });
    this.plot = el("div");
    parent.append(el("article", { class: "card", "aria-label": `${spec.title} over time` },
      el("header", {}, el("h3", {}, spec.title), this.note, this.legend.list), this.plot));
    this.chart = new Chart(this.plot, { series: spec.series, stack: false, format: spec.format, max: spec.max, least: spec.least });
  }

  show(answers, range, marks) {
    this.chart.marks = marks;
    const columns = this.spec.series.map((s) => column(s, answers));
    const first = answers.get(this.spec.series[0].ask[0]);
    const times = columns[0].map((_, i) => (first.from_ns + i * first.step_ns) / 1e9);
    const known = columns.some((values) => last(values) !== null);
    setText(this.note, known ? `a point each ${first.step_ns / 1e9} s` : "nothing kept of this time");
    this.plot.hidden = !known;
    columns.forEach((values, i) => setText(this.legend.values[i], this.spec.value(last(values))));
    this.chart.show({ columns: [times, ...columns] }, `${this.spec.title}, the last ${range}`);
  }
}

export class TrendsView {
  constructor(box, noticeBox) {
    this.box = box;
    this.notice = noticeBox;
    this.cards = null;
    this.turn = 0;
  }

  async show(node, range) {
    const turn = ++this.turn;
    this.losses ??= this.box.appendChild(el("p", { class: "losses", role: "status", hidden: "" }));
    this.cards ??= CARDS.map((spec) => new Card(this.box, spec));
    this.box.setAttribute("aria-busy", "true");
    const metrics = [...new Set(CARDS.flatMap((c) => c.series.flatMap((s) => s.ask)))];
    const from = `-${RANGES[range]}s`;
    const [losses, ...all] = await Promise.all([this.ask(`losses/${encodeURIComponent(node)}`, { from }),
      ...metrics.map((metric) => this.ask("history", { node, metric, from }))]);
    if (turn !== this.turn)
      return;
    this.box.removeAttribute("aria-busy");
    const wrong = all.find((a) => a.error);
    notice(this.notice, wrong ? `No history: ${wrong.error}` : "");
    const answers = new Map(metrics.map((metric, i) => [metric, all[i]]));
    const steps = losses.steps ?? [];
    notice(this.losses, lossText(steps));
    const marks = steps.map(({ time_ns: time }) => (time + losses.step_ns / 2) / 1e9);
    if (!wrong)
      this.cards.forEach((card) => card.show(answers, range, marks));
  }

  ask(path, parameters) {
    return fetch(`/api/v1/${path}?${new URLSearchParams(parameters)}`).then((r) => r.json(), () => ({ error: "the collector doesn't answer" }));
  }
}
