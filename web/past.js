// SPDX-License-Identifier: GPL-2.0-or-later
// What the collector's history has of a node.

const METRICS_BYTES = 1500; // of a question, which may be 2 kB long

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
export const order = (path, parameters, body) =>
  fetch(`/api/v1/${path}?${new URLSearchParams(parameters)}`, { method: "POST", body })
    .then((r) => r.json(), () => ({ error: "the collector doesn't answer" }));

/* All pages of an answer. */
async function pages(parameters) {
  const series = [];
  for (let page = {}; ;) {
    const answer = await ask("query", { clock: "collector", ...parameters, ...page });
    if (answer.error)
      return answer;
    series.push(...answer.series);
    if (!answer.next)
      return { ...answer, series };
    page = { page: answer.next };
  }
}

/* Series of @metrics, as many questions as an address has room for. */
export async function query(metrics, parameters) {
  const parts = [[]];
  let size = 0;
  for (const name of metrics) {
    size += name.length + "%2C".length;
    if (size > METRICS_BYTES) {
      parts.push([]);
      size = name.length;
    }
    parts.at(-1).push(name);
  }
  const answers = await Promise.all(parts.map((names) => pages({ metric: names.join(), ...parameters })));
  return answers.find((a) => a.error) ?? { ...answers[0], series: answers.flatMap((a) => a.series) };
}

/* Of a node: for each of @aggregates its answers by metric. */
export async function askRange(node, metrics, parameters, aggregates = ["avg"]) {
  const names = [...new Set(metrics)];
  const answer = await query(names, { node, aggregate: aggregates.join(), ...parameters });
  const empty = () => ({ error: answer.error, from_ns: answer.from_ns, step_ns: answer.step_ns, series: [] });
  const all = new Map(aggregates.map((aggregate) => [aggregate, new Map(names.map((name) => [name, empty()]))]));
  for (const { metric, aggregate, key, row, values } of answer.series ?? [])
    all.get(aggregate).get(metric).series.push({ key, text: row, values });
  return aggregates.map((aggregate) => all.get(aggregate));
}

export const EXTREMES = ["avg", "min", "max"];

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
