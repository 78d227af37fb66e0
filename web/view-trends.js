// SPDX-License-Identifier: GPL-2.0-or-later
// A time of a node, from the collector's history: averages, and behind them between what
// values moved.

import { leads } from "./address.js";
import { Chart } from "./chart.js";
import { el, notice, setAttribute, setText } from "./dom.js";
import { bytes, bytesPerS, count, percent, perS } from "./format.js";
import { held } from "./history.js";
import { ask, askRange, column, EXTREMES, mean, sum, timesOf } from "./past.js";
import { RowTables } from "./range-rows.js";
import { askOf, rangeText } from "./time.js";
import { LOADS } from "./view-load.js";
import { IN_USE, WAITS } from "./view-memory.js";
import { FLOW } from "./view-net.js";
import { DISK_FLOW } from "./view-things.js";

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
  return parts.length ? `Lost, where it is red: ${parts.map(([n, text]) => `${count(n)} ${n === 1 ? text.replace(/(frame|sample)s/, "$1") : text}`).join(", ")}.` : "";
}

const last = (values) => values.findLast((v) => v !== null) ?? null;
const POINTS = 600; // that a chart can show

const stepText = (ns) => (ns < 1e9 ? `${ns / 1e6} ms` : ns < 60e9 ? `${ns / 1e9} s` : ns < 3600e9 ? `${ns / 60e9} min` : `${ns / 3600e9} h`);

/* The collector chooses the step, but one that is shorter than the period has holes. */
export function stepOf({ span }, period_s) {
  const step = Math.ceil(2 * period_s);
  return span / POINTS < step ? { step: `${step}s` } : {};
}

/* What a chart of @series draws of answers: averages, least and largest. */
export function drawn(series, [averages, ...extremes]) {
  const values = (answers) => series.map((s) => held(column(s, answers)));
  const first = averages.get(series[0].ask[0]);
  const times = timesOf(first);
  const [low, high] = extremes.map(values);
  const ends = times.length ? [times[0] - first.step_ns / 2e9, times.at(-1) + first.step_ns / 2e9] : null;
  return { history: { columns: [times, ...values(averages)] }, edges: low && series.flatMap((s, i) => [low[i], high[i]]), ends, step_ns: first.step_ns };
}

/* Of the history of losses: from when to when something was. */
export const marksOf = ({ steps, step_ns: step }) => (steps ?? []).map(({ time_ns: time }) => [time / 1e9, (time + step) / 1e9]);

export class Card {
  constructor(parent, spec) {
    this.spec = spec;
    this.note = el("span", { class: "origin" });
    this.plot = el("div");
    this.chart = new Chart(this.plot, { ...spec, title: null, name: () => `${document.title.split(" – ")[0]} ${spec.title}` });
    this.more = el("a", { class: "tool", title: "This metric in a chart of its own, beside other nodes" }, "Compare");
    this.chart.tools.prepend(this.more);
    this.box = el("article", { class: spec.wide ? "card wide" : "card", "aria-label": `${spec.title} over time` },
      el("header", {}, el("h3", {}, spec.title), this.note, this.chart.legend.list), this.plot);
    parent.append(this.box);
  }

  /* @answers: averages, least and largest; @node, @row: whose. */
  show(answers, range, marks, node, row) {
    this.chart.marks = marks;
    leads(this.more, { node: null, row: null, start: null, explore: "1", metric: this.spec.series[0].ask[0], nodes: node, rows: row });
    const { history, edges, ends, step_ns: step } = drawn(this.spec.series, answers);
    const newest = history.columns.slice(1).map(last);
    const known = newest.some((v) => v !== null);
    this.box.hidden = !known;
    setText(this.note, known ? `a point each ${stepText(step)}` : "");
    this.chart.show(history, `${this.spec.title}, ${rangeText(range)}`, { newest, edges, range: range.follows ? ends : [range.from, range.to] });
    return known;
  }
}

export class TrendsView {
  constructor(box, noticeBox) {
    this.box = box;
    this.notice = noticeBox;
    this.cards = null;
    this.turn = 0;
  }

  open() {
    this.losses = this.box.appendChild(el("p", { class: "losses", role: "status", hidden: "" }));
    this.cards = CARDS.map((spec) => new Card(this.box, spec));
    this.rows = new RowTables(this.box);
  }

  /* period_s: of the node's samples. */
  async show(node, range, period_s) {
    const turn = ++this.turn;
    if (!this.cards)
      this.open();
    setAttribute(this.box, "aria-busy", "true");
    const asked = askOf(range);
    const [losses, answers] = await Promise.all([ask(`losses/${encodeURIComponent(node)}`, asked),
      askRange(node, CARDS.flatMap((c) => c.series.flatMap((s) => s.ask)), { ...asked, ...stepOf(range, period_s) }, EXTREMES)]);
    if (turn !== this.turn)
      return;
    this.box.removeAttribute("aria-busy");
    const wrong = answers.flatMap((all) => [...all.values()]).find((a) => a.error);
    notice(this.losses, lossText(losses.steps ?? []));
    if (wrong) {
      notice(this.notice, `No history: ${wrong.error}`);
      return;
    }
    const shown = this.cards.filter((card) => card.show(answers, range, marksOf(losses), node));
    notice(this.notice, shown.length ? "" : "Nothing is kept of this time.");
    this.rows.show(node, range, period_s);
  }
}
