// SPDX-License-Identifier: GPL-2.0-or-later
// Hours to weeks of a node, from the collector's history.

import { Chart } from "./chart.js";
import { el, notice, setText } from "./dom.js";
import { bytes, bytesPerS, count, percent, perS } from "./format.js";
import { ask, askAll, column, mean, sum, timesOf } from "./past.js";
import { LOADS } from "./view-load.js";
import { IN_USE, WAITS } from "./view-memory.js";
import { FLOW } from "./view-net.js";
import { DISK_FLOW } from "./view-things.js";

export const RANGES = { "1 h": 3600, "24 h": 86400, "7 d": 604800, "30 d": 2592000 };

const vector = (label, color, key) => ({ label, color, ask: [`softirq.${key}`], make: ([rows]) => sum(rows) });
const CARDS = [
  { title: "CPU", wide: true, max: 1, format: (v) => `${Math.round(v * 100)} %`, value: percent, series: [
    { label: "busy", color: "accent", ask: ["cpu.busy"], make: ([rows]) => mean(rows) },
    { label: "iowait", color: "system", ask: ["cpu.iowait"], make: ([rows]) => mean(rows) },
  ] },
  { title: "Load", format: (v) => String(+v.toFixed(2)), value: (v) => v?.toFixed(2) ?? "–", series: LOADS },
  { title: "Memory", format: bytes, series: IN_USE },
  { title: "Network", format: bytesPerS, series: FLOW },
  { title: "Disks", format: bytesPerS, series: DISK_FLOW },
  { title: "Pressure", least: 0.05, format: percent, series: WAITS },
  { title: "Softirqs", format: perS, series: [vector("NET_RX", "rx", "net_rx"), vector("TIMER", "tx", "timer"), vector("RCU", "guest", "rcu")] },
];
/* How losses are told, in the order of their way from the source. */
const LOSSES = [
  ["cpu", "CPU samples at their source"], ["softirq", "softirq samples at their source"], ["net", "interface samples at their source"],
  ["size", "rows that fit no frame"], ["queue", "for want of room in the shipper's queue"], ["spool", "frames of the spool"],
  ["key", "frames whose key no collector knew"],
  ["budget", "frames refused, as they had more values than a node may send"],
  ["send_failed", "frames that the node did not send"], ["lost", "frames on the way"], ["late", "frames that came too late"],
];

function lossText(steps) {
  const parts = LOSSES.map(([key, text]) => [steps.reduce((all, step) => all + step[key], 0), text]).filter(([n]) => n > 0);
  return parts.length ? `Lost, at the red lines: ${parts.map(([n, text]) => `${count(n)} ${text}`).join(", ")}.` : "";
}

const last = (values) => values.findLast((v) => v !== null) ?? null;

const stepText = (ns) => (ns < 60e9 ? `${ns / 1e9} s` : ns < 3600e9 ? `${ns / 60e9} min` : `${ns / 3600e9} h`);

class Card {
  constructor(parent, spec) {
    this.spec = spec;
    this.note = el("span", { class: "origin" });
    this.plot = el("div");
    this.chart = new Chart(this.plot, { ...spec, title: null });
    parent.append(el("article", { class: spec.wide ? "card wide" : "card", "aria-label": `${spec.title} over time` },
      el("header", {}, el("h3", {}, spec.title), this.note, this.chart.legend.list), this.plot));
  }

  show(answers, range, marks) {
    this.chart.marks = marks;
    const columns = this.spec.series.map((s) => column(s, answers));
    const first = answers.get(this.spec.series[0].ask[0]);
    const times = timesOf(first);
    const newest = columns.map(last);
    const known = newest.some((v) => v !== null);
    setText(this.note, known ? `a point each ${stepText(first.step_ns)}` : "nothing kept of this time");
    this.plot.hidden = this.chart.legend.list.hidden = !known;
    this.chart.show({ columns: [times, ...columns] }, `${this.spec.title}, the last ${range}`, newest);
  }
}

export class TrendsView {
  constructor(box, noticeBox) {
    this.box = box;
    this.notice = noticeBox;
    this.cards = null;
    this.turn = 0;
  }

  /* period_s: of the node's samples. */
  async show(node, range, period_s) {
    const turn = ++this.turn;
    this.losses ??= this.box.appendChild(el("p", { class: "losses", role: "status", hidden: "" }));
    this.cards ??= CARDS.map((spec) => new Card(this.box, spec));
    this.box.setAttribute("aria-busy", "true");
    const from = `-${RANGES[range]}s`;
    /* The collector chooses the step, but one that is shorter than the period has holes. */
    const step = RANGES[range] / 600 < 2 * period_s ? { step: `${Math.ceil(2 * period_s)}s` } : {};
    const [losses, answers] = await Promise.all([ask(`losses/${encodeURIComponent(node)}`, { from }),
      askAll(node, CARDS.flatMap((c) => c.series.flatMap((s) => s.ask)), { from, ...step })]);
    if (turn !== this.turn)
      return;
    this.box.removeAttribute("aria-busy");
    const wrong = [...answers.values()].find((a) => a.error);
    notice(this.notice, wrong ? `No history: ${wrong.error}` : "");
    const steps = losses.steps ?? [];
    notice(this.losses, lossText(steps));
    const marks = steps.map(({ time_ns: time }) => (time + losses.step_ns / 2) / 1e9);
    if (!wrong)
      this.cards.forEach((card) => card.show(answers, range, marks));
  }
}
