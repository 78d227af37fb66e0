// SPDX-License-Identifier: GPL-2.0-or-later
// What the collector's history has of a node.

/* A series is {ask: [metric, ...], make(rows of each): its value at a time}. */
export const sum = (rows) => rows.reduce((a, b) => a + b, 0);
/* Of what is known; null without anything. */
export const sumKnown = (values) => {
  const known = values.filter((v) => v !== null && v !== undefined);
  return known.length ? sum(known) : null;
};
export const mean = (rows) => sum(rows) / rows.length;

export const ask = (path, parameters) =>
  fetch(`/api/v1/${path}?${new URLSearchParams(parameters)}`)
    .then((r) => r.json(), () => ({ error: "the collector doesn't answer" }));

/* Have something changed; the answer, or why not. */
export const order = (path, parameters) =>
  fetch(`/api/v1/${path}?${new URLSearchParams(parameters)}`, { method: "POST" })
    .then((r) => r.json(), () => ({ error: "the collector doesn't answer" }));

/* Answers by metric. */
export async function askAll(node, metrics, parameters) {
  const names = [...new Set(metrics)];
  const all = await Promise.all(names.map((metric) => ask("history", { node, metric, clock: "collector", ...parameters })));
  return new Map(names.map((metric, i) => [metric, all[i]]));
}

/* Of a node: averages, and if @edges the least and the largest values, too. */
export async function askRange(node, metrics, parameters, edges) {
  const aggregates = edges ? ["avg", "min", "max"] : ["avg"];
  return Promise.all(aggregates.map((aggregate) => askAll(node, metrics, { aggregate, ...parameters })));
}

/* What is kept of hosts: [{name, title, unit, help, counter, rows}], asked once. */
let kept;
export const metricsKept = () => {
  kept ??= ask("metrics", {}).then(({ history }) => history ?? (kept = undefined, []));
  return kept;
};

/* Times of an answer's steps, s: of their middle. */
export function timesOf({ from_ns: from, step_ns: step, series }) {
  return (series?.[0]?.values ?? []).map((_, i) => (from + (i + 0.5) * step) / 1e9);
}

/* Keys of rows that lie on others, by what metrics of them begin with: what they have
 * is counted there, too, so that sums leave them out. */
const stacked = new Map();

export function setStacked({ disk, net }) {
  const keys = (rows, key) => new Set((rows ?? []).filter((row) => row.stacked).map((row) => row[key]));
  stacked.set("disk", keys(disk?.disks, "device"));
  stacked.set("net", keys(net?.interfaces, "ifindex"));
}

const isStacked = (metric, key) => Boolean(stacked.get(metric.split(".")[0])?.has(key));

/* One column of values by time: null where any part is missing. */
export function column({ ask: metrics, make }, answers) {
  const parts = metrics.map((metric) => (answers.get(metric).series ?? [])
    .filter((s) => !isStacked(metric, s.key)).map((s) => s.values));
  const length = Math.max(0, ...parts.flat().map((values) => values.length));
  return Array.from({ length }, (_, i) => {
    const rows = parts.map((part) => part.map((values) => values[i]).filter((v) => v !== null && v !== undefined));
    return rows.every((r) => r.length) ? make(rows) : null;
  });
}
