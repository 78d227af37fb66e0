// SPDX-License-Identifier: GPL-2.0-or-later
// Any metric of any nodes and rows in one chart; without one, all metrics that there are.

import { address, changed, leads, settle } from "./address.js";
import { Chart } from "./chart.js";
import { byId, el, notice, setAttribute, setText } from "./dom.js";
import { count, formatOf } from "./format.js";
import { metricsKept, query, timesOf } from "./past.js";
import { Table } from "./table.js";
import { askOf, rangeOf, rangeText } from "./time.js";

const FIELDS = ["metric", "nodes", "rows", "aggregate"];
const LINES = 16;
const COLORS = ["user", "system", "guest", "softirq", "irq", "nice", "steal", "edge"];
const names = (text) => text.split(",").map((name) => name.trim()).filter(Boolean).join();

const CPUS = new Set(["cpu", "softirq", "core"]);

/* What sets a line apart from the others. */
function labels(series) {
  const differ = (key) => new Set(series.map((s) => s[key])).size > 1;
  const parts = [["node", differ("node") || !series[0]?.row], ["row", series.some((s) => s.row)], ["key", !series.some((s) => s.row) && differ("key")]];
  return series.map((s) => parts.filter(([, shown]) => shown).map(([key]) =>
    (key === "key" && CPUS.has(s.metric.split(".")[0]) ? `CPU ${s.key}` : String(s[key] ?? ""))).join(" "));
}

export class ExploreView {
  constructor() {
    this.turn = 0;
    this.inputs = Object.fromEntries(FIELDS.map((field) => [field, byId(`explore-${field}`)]));
    this.box = byId("explore-chart");
    this.list = new Table(byId("explore-list"), { label: "Metrics", id: "metrics", key: (m) => m.name, link: (m) => ({ metric: m.name }), columns: [
      { title: "Metric", text: (m) => m.name },
      { title: "Title", text: (m) => m.title, left: true },
      { title: "Unit", text: (m) => m.unit, left: true },
      { title: "What it is", text: (m) => m.help, left: true },
    ] });
    byId("explore-form").addEventListener("change", () => this.chose());
    byId("explore-form").addEventListener("submit", (event) => event.preventDefault());
    const all = el("a", {}, "all metrics");
    byId("explore-form").append(all);
    leads(all, { metric: null });
  }

  chose() {
    settle(changed(Object.fromEntries(FIELDS.map((field) => [field, this.inputs[field].value]))));
  }

  close() {
    this.turn++;
  }

  /* @nodes: that are known now, for who types their names. */
  suggest(nodes) {
    const list = byId("node-names");
    if (list.children.length !== nodes.length)
      list.replaceChildren(...nodes.map((n) => el("option", { value: n.name })));
  }

  async show() {
    const turn = ++this.turn;
    const parameters = address();
    for (const field of FIELDS)
      if (document.activeElement !== this.inputs[field])
        this.inputs[field].value = parameters.get(field) ?? (field === "aggregate" ? "avg" : "");
    const kept = await metricsKept();
    if (turn !== this.turn)
      return;
    if (!byId("metric-names").children.length)
      byId("metric-names").append(...kept.map((m) => el("option", { value: m.name }, m.title)));
    const metric = kept.find((m) => m.name === parameters.get("metric"));
    byId("explore-list").hidden = Boolean(metric);
    this.box.hidden = !metric;
    setText(byId("explore-help"), metric ? `${metric.title}: ${metric.help}${metric.unit ? ` (${metric.unit})` : ""}.` : "");
    notice(byId("explore-notice"), parameters.get("metric") && !metric ? "There is no metric of this name." : "");
    if (metric)
      await this.ask(metric, turn);
    else
      this.list.show(kept);
  }

  async ask(metric, turn) {
    const range = rangeOf();
    const nodes = names(this.inputs.nodes.value);
    const rows = names(this.inputs.rows.value);
    const step = range.span < 1200 ? { step: `${Math.max(1, Math.ceil(range.span / 300))}s` } : {};
    const answer = await query([metric.name], { aggregate: this.inputs.aggregate.value, top: LINES, ...(nodes ? { node: nodes } : {}),
      ...(rows ? { row: rows } : {}), ...askOf(range), ...step });
    if (turn !== this.turn)
      return;
    const known = (answer.series ?? []).filter((s) => s.values.some((v) => v !== null));
    notice(byId("explore-notice"), answer.error ?? (known.length ? "" : "Nothing is kept of it in this time."));
    setText(byId("explore-of"), known.length === LINES ? `the ${count(LINES)} largest` : "");
    if (answer.error)
      return;
    this.draw(metric, known, timesOf(answer), range);
  }

  /* The chart stays as long as its lines are the same. */
  draw(metric, series, times, range) {
    const lines = labels(series);
    const shown = `${metric.name} ${lines.join()}`;
    if (shown !== this.shown) {
      this.chart?.end();
      this.box.replaceChildren();
      this.chart = new Chart(this.box, { title: metric.title[0].toUpperCase() + metric.title.slice(1), high: 420, format: formatOf(metric.unit),
        least: metric.unit === "share" ? 0.01 : 1, name: () => metric.name,
        series: lines.map((label, i) => ({ label, color: COLORS[i % COLORS.length], dash: i < COLORS.length ? undefined : [6, 3] })) });
      this.chart.marks = [];
      this.shown = shown;
    }
    const half = (times[1] - times[0] || 0) / 2;
    this.chart.show({ columns: [times, ...series.map((s) => s.values)] }, `${metric.title}, ${rangeText(range)}`,
      { range: range.follows && times.length ? [times[0] - half, times.at(-1) + half] : [range.from, range.to] });
    setAttribute(this.box, "data-lines", lines.length);
  }
}
