// SPDX-License-Identifier: GPL-2.0-or-later
// All that is kept of one row of a node: a CPU, an interface, a disk, a mount, a process ...

import { leads } from "./address.js";
import { el, notice, setText } from "./dom.js";
import { formatOf } from "./format.js";
import { ask, askRange, EXTREMES, metricsKept } from "./past.js";
import { askOf, rangeOf } from "./time.js";
import { Card, marksOf, stepOf } from "./view-trends.js";

/* Tables whose rows have the same keys. */
const KIN = { net: ["net", "link"], link: ["net", "link"], cpu: ["cpu", "softirq", "core"], softirq: ["cpu", "softirq", "core"] };
const KINDS = { cpu: "CPU", softirq: "CPU", net: "interface", link: "interface", disk: "disk", mount: "mount", process: "process", sensor: "sensor", irq: "interrupt", agent: "agent", cgroup: "control group", own: "series", part: "part", latency: "latency" };
/* What a row is, not how it does. */
const STILL = new Set(["start_ns", "parent", "state", "flags", "unit", "type", "ifindex"]);
const COLORS = ["user", "system", "guest", "softirq", "irq", "nice", "steal", "edge"];
const LINES_MAX = COLORS.length;
const SAME_START_NS = 1e9;
const titled = (text) => text[0].toUpperCase() + text.slice(1);

/* Those that are worth a line: a time a second is told as a share where there is one. */
const wanted = (metrics, table) => metrics.filter(({ name, unit }) => {
  const [of, column] = name.split(".");
  return of === table && !STILL.has(column) && !(unit === "ns/s" && metrics.some((m) => [name.replace(/_ns$/, ""), name.replace(/_ns$/, "_share")].includes(m.name)));
});

/* A process that has another's number is another. */
function own(answers, table, key, start) {
  const starts = answers.get("process.start_ns")?.series?.find((s) => s.key === key)?.values;
  for (const answer of answers.values()) {
    const series = (answer.series ?? []).filter((s) => s.key === key);
    answer.series = table === "process" && start && starts ? series.map((s) => ({ ...s,
      values: s.values.map((v, i) => (starts[i] !== null && Math.abs(starts[i] - start) > SAME_START_NS ? null : v)) })) : series;
  }
}

const someValue = ({ series }) => series?.some((s) => s.values.some((v) => v !== null));
const onlyZero = ({ series }) => series.every((s) => s.values.every((v) => !v));

/* Charts of @metrics, those of a unit together. */
function charts(metrics, prefix) {
  const units = Map.groupBy ? Map.groupBy(metrics, (m) => m.unit) : metrics.reduce((all, m) => all.set(m.unit, [...(all.get(m.unit) ?? []), m]), new Map());
  return [...units].flatMap(([unit, list]) => {
    const parts = [];
    for (let i = 0; i < list.length; i += LINES_MAX)
      parts.push(list.slice(i, i + LINES_MAX));
    return parts.map((part) => ({ title: `${prefix}${part.length === 1 ? titled(part[0].title) : part.slice(0, 3).map((m) => m.title).join(", ") + (part.length > 3 ? " …" : "")}`,
      least: unit === "share" ? 0.01 : 1, format: formatOf(unit),
      series: part.map((m, i) => ({ label: m.title, color: COLORS[i], ask: [m.name], make: ([rows]) => rows[0] })) }));
  });
}

export class RowView {
  constructor(box, noticeBox) {
    this.box = box;
    this.notice = noticeBox;
    this.turn = 0;
    this.shown = "";
  }

  close() {
    this.turn++;
    this.shown = "";
    this.cards = null;
    this.box.replaceChildren();
  }

  /* @row: "disk.271581184"; @start: of a process, ns since boot. */
  async show(node, row, start, period_s) {
    const turn = ++this.turn;
    const [table, number] = row.split(".");
    const key = Number(number);
    const range = rangeOf();
    const tables = KIN[table] ?? [table];
    const metrics = await metricsKept();
    const lists = tables.map((name) => wanted(metrics, name));
    const names = [...lists.flat().map((m) => m.name), ...(table === "process" ? ["process.start_ns"] : [])];
    if (!lists.flat().length) {
      notice(this.notice, `There is no ${row}.`);
      return;
    }
    const asked = askOf(range);
    const [losses, answers] = await Promise.all([ask(`losses/${encodeURIComponent(node)}`, asked),
      askRange(node, names, { row: key, ...asked, ...stepOf(range, period_s) }, range.live ? ["avg"] : EXTREMES)]);
    if (turn !== this.turn)
      return;
    answers.forEach((all) => own(all, table, key, start));
    const wrong = [...answers[0].values()].find((a) => a.error);
    notice(this.notice, wrong ? `No history: ${wrong.error}` : "");
    if (wrong)
      return;
    const some = lists.map((list) => list.filter((m) => someValue(answers[0].get(m.name))));
    const zero = some.map((list) => list.filter((m) => onlyZero(answers[0].get(m.name)) && list.some((n) => n.unit === m.unit && !onlyZero(answers[0].get(n.name)))));
    this.arrange(`${row} ${some.flat().map((m) => m.name).join()} ${zero.flat().map((m) => m.name).join()}`, some, zero, tables);
    const text = answers[0].get(some.flat()[0]?.name)?.series[0]?.text;
    setText(this.title, `${titled(KINDS[table] ?? table)} ${text || key}${table === "process" ? ` (${key})` : ""}`);
    setText(this.none, some.flat().length ? "" : "Nothing is kept of this row in this time.");
    setText(this.quiet, zero.flat().length ? `Nothing all the time: ${zero.flat().map((m) => m.title).join(", ")}.` : "");
    this.cards.forEach((card) => card.show(answers, range, marksOf(losses), node, key));
  }

  /* Charts stay as long as they show the same. */
  arrange(shown, some, zero, tables) {
    if (shown === this.shown)
      return;
    this.cards?.forEach((card) => card.chart.end());
    this.shown = shown;
    const left = new Set(zero.flat());
    this.title = el("h3", {});
    this.none = el("p", { class: "empty" });
    this.quiet = el("p", { class: "origin" });
    const cards = el("div", { class: "cards trends" });
    this.cards = some.flatMap((list, i) => charts(list.filter((m) => !left.has(m)), tables.length > 1 && i ? `${titled(tables[i])}: ` : ""))
      .map((spec) => new Card(cards, spec));
    const back = el("a", {}, "← all of the node");
    leads(back, { row: null, start: null });
    this.box.replaceChildren(el("p", {}, back),
      el("div", { class: "node-head" }, this.title), this.none, cards, this.quiet);
  }
}
