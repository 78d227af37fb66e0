// SPDX-License-Identifier: GPL-2.0-or-later
// What is other in a time of a node than in as long a time before it: all that is kept,
// the clearest change first.

import { el, setText } from "./dom.js";
import { formatOf } from "./format.js";
import { metricsKept, query } from "./past.js";
import { Table } from "./table.js";
import { rangeOf, rangeText } from "./time.js";
import { rowLink } from "./view-things.js";

const STEPS = 20; // of both times
const ROWS_MAX = 200; // of a metric
const SHOWN = 100;
const CHANGE_MIN = 0.1;
/* Not how a host does, but what it is, or how long it is up. */
const STILL = /^(process\.(?!cpu_share|rss)|facts?\.|node\.(?!send_failed|lost))|(_ns|\.flags|\.key|\.state|\.type|\.unit|\.ifindex|uptime.*)$/;

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
const spread = (values, middle) => Math.sqrt(mean(values.map((v) => (v - middle) ** 2)));

/* Of values before and after: both means, and how far they are apart, by how much they move
 * anyway; null: not clearly. */
export function change(before, after) {
  const [a, b] = [before, after].map((values) => values.filter((v) => v !== null));
  if (a.length < 2 || b.length < 2)
    return null;
  const [x, y] = [mean(a), mean(b)];
  const most = Math.max(Math.abs(x), Math.abs(y));
  if (!most || Math.abs(y - x) / most < CHANGE_MIN)
    return null;
  const noise = (spread(a, x) + spread(b, y)) / 2 + most / 100;
  return { before: x, after: y, score: Math.abs(y - x) / noise, part: (y - x) / most };
}

export class ChangedView {
  constructor(box) {
    this.box = box;
    this.turn = 0;
    this.note = el("p", { class: "origin", role: "status" });
    this.card = el("article", { class: "card wide", "aria-label": "What changed" }, el("header", {}, el("h3", {}, "What changed")), this.note);
    this.table = new Table(this.card, { label: "What changed", id: "changed", key: (r) => `${r.metric} ${r.key}`, link: (r) => r.link, columns: [
      { title: "Metric", text: (r) => `${r.title}${r.row ? `, ${r.row}` : ""}` },
      { title: "Name", text: (r) => r.metric, left: true },
      { title: "Before", text: (r) => r.format(r.before), value: (r) => r.before },
      { title: "In this time", text: (r) => r.format(r.after), value: (r) => r.after },
      { title: "Change", text: (r) => (r.before ? `${r.after > r.before ? "+" : ""}${Math.round((r.after / r.before - 1) * 100)}\u202f%` : "new"), value: (r) => Math.abs(r.part) },
      { title: "Clearness", text: (r) => r.score.toFixed(1), value: (r) => r.score },
    ] });
    box.append(this.card);
  }

  close() {
    this.turn++;
  }

  async show(node) {
    const turn = ++this.turn;
    const range = rangeOf();
    setText(this.note, "Looking …");
    const step = Math.max(1, Math.ceil(2 * range.span / STEPS));
    const parameters = { node, top: ROWS_MAX, step: `${step}s`, from: String(Math.round((range.from - range.span) * 1000)), to: String(Math.round(range.to * 1000)) };
    const metrics = (await metricsKept()).filter((m) => !STILL.test(m.name));
    const answer = await query(metrics.map((m) => m.name), parameters);
    if (turn !== this.turn)
      return;
    if (answer.error) {
      setText(this.note, answer.error);
      return;
    }
    const found = this.changes(answer, new Map(metrics.map((m) => [m.name, m])), range.from);
    found.sort((a, b) => b.score - a.score);
    setText(this.note, `${rangeText(range)}, beside as long a time before it: ${found.length > SHOWN ? `the ${SHOWN} clearest of ${found.length} changes` :
      found.length ? `${found.length} clear changes` : "nothing changed clearly"}.`);
    this.table.show(found.slice(0, SHOWN));
  }

  changes({ from_ns: from, step_ns: step, series }, metrics, middle) {
    const cut = Math.max(0, Math.round((middle * 1e9 - from) / step));
    return series.flatMap(({ metric, key, row, values }) => {
      const found = change(values.slice(0, cut), values.slice(cut));
      const { title, unit } = metrics.get(metric);
      const table = metric.includes(".") && row ? metric.split(".")[0] : null;
      return found ? [{ ...found, metric, key, row, title: title[0].toUpperCase() + title.slice(1), format: formatOf(unit),
        link: table && table !== "process" ? rowLink(table, key) : { explore: "1", metric, nodes: null } }] : [];
    });
  }
}
