// SPDX-License-Identifier: GPL-2.0-or-later
// What had most of it in a time that is over: processes, interfaces, disks, mounts, CPUs,
// by what the history has of their rows.

import { BOOK } from "./book.js";
import { el } from "./dom.js";
import { formatOf } from "./format.js";
import { askRange } from "./past.js";
import { Table } from "./table.js";
import { askOf } from "./time.js";
import { rowLink } from "./view-things.js";

const ROWS_MAX = 100; // of each figure
const STEPS = 60; // that a mean is of
const STEPS_S = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600, 7200, 14400, 43200, 86400];

/* Columns: a metric of the table, and what of it: its mean, or the most. */
const TABLES = [
  ["process", "Process", "Processes", [["cpu_share", "avg"], ["cpu_share", "max"], ["rss_bytes", "max"], ["threads", "max"]]],
  ["cpu", "CPU", "CPUs", [["busy", "avg"], ["busy", "max"], ["iowait", "avg"], ["steal", "avg"]]],
  ["net", "Interface", "Interfaces", [["rx_bytes", "avg"], ["tx_bytes", "avg"], ["rx_bytes", "max"], ["tx_bytes", "max"]]],
  ["disk", "Disk", "Disks", [["busy", "avg"], ["busy", "max"], ["read_bytes", "avg"], ["written_bytes", "avg"], ["await_ns", "max"]]],
  ["mount", "Mount", "Mounts", [["used", "avg"], ["used", "max"], ["available_bytes", "avg"]]],
];
const HOW = { avg: "", max: ", most" };

const known = (values) => values.filter((v) => v !== null);
const mean = (values) => (values.length ? values.reduce((a, b) => a + b, 0) / values.length : null);
/* Who was there for a part of the time had as much less. */
const OF_ALL = new Set(["process.cpu_share avg"]);

function figure(name, how, values) {
  const there = known(values);
  if (how === "max")
    return there.length ? Math.max(...there) : null;
  return OF_ALL.has(`${name} ${how}`) && there.length ? there.reduce((a, b) => a + b, 0) / values.length : mean(there);
}

/* Its title and format in the book; a counter's history has its rate. */
export function told(table, name) {
  const [title, unit] = BOOK[table][`${name}_per_s`] ?? BOOK[table][name];
  return { title: title[0].toUpperCase() + title.slice(1), format: formatOf(unit) };
}

class Rows {
  constructor(parent, [table, one, title, columns]) {
    this.name = table;
    this.columns = columns;
    this.box = el("article", { class: table === "process" ? "card wide" : "card", "aria-label": `${title} of this time` }, el("header", {}, el("h3", {}, title),
      el("span", { class: "origin" }, "of this time")));
    parent.append(this.box);
    this.table = new Table(this.box, { label: title, id: `past-${table}`, key: (r) => r.key,
      link: (r) => rowLink(table, r.key, r.start), columns: [
        { title: one, text: (r) => r.text },
        ...columns.map(([name, how], i) => {
          const { title: what, format } = told(table, name);
          return { title: what + HOW[how], text: (r) => format(r.values[i]), value: (r) => r.values[i] };
        })] });
  }

  show(answers) {
    const rows = new Map();
    this.columns.forEach(([name, how], i) => {
      for (const { key, text, values } of answers[how].get(`${this.name}.${name}`).series ?? []) {
        if (!rows.has(key))
          rows.set(key, { key, text: text || `${this.name} ${key}`, values: this.columns.map(() => null) });
        rows.get(key).values[i] = figure(`${this.name}.${name}`, how, values);
      }
    });
    for (const { key, values } of answers.avg.get(`${this.name}.start_ns`)?.series ?? [])
      if (rows.has(key))
        rows.get(key).start = known(values).at(-1);
    const list = [...rows.values()].sort((a, b) => (b.values[0] ?? -1) - (a.values[0] ?? -1));
    this.box.hidden = !list.length;
    this.table.show(list);
  }
}

export class RowTables {
  constructor(parent) {
    this.list = TABLES.map((spec) => new Rows(parent, spec));
    this.turn = 0;
  }

  async show(node, range, period_s) {
    const turn = ++this.turn;
    const least = Math.max(range.span / STEPS, 3 * period_s);
    const parameters = { ...askOf(range), step: `${STEPS_S.find((s) => s >= least) ?? STEPS_S.at(-1)}s`, top: ROWS_MAX };
    const names = TABLES.flatMap(([table, , , columns]) => columns.map(([name]) => `${table}.${name}`));
    const [avg, max] = await askRange(node, [...names, "process.start_ns"], parameters, ["avg", "max"]);
    if (turn === this.turn)
      this.list.forEach((rows) => rows.show({ avg, max }));
  }
}
