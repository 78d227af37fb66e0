// SPDX-License-Identifier: GPL-2.0-or-later
// What the collector's history has of a node.

/* A series is {ask: [metric, ...], make(rows of each): its value at a time}. */
export const sum = (rows) => rows.reduce((a, b) => a + b, 0);
export const mean = (rows) => sum(rows) / rows.length;

export const ask = (path, parameters) =>
  fetch(`/api/v1/${path}?${new URLSearchParams(parameters)}`)
    .then((r) => r.json(), () => ({ error: "the collector doesn't answer" }));

/* Answers by metric. */
export async function askAll(node, metrics, parameters) {
  const names = [...new Set(metrics)];
  const all = await Promise.all(names.map((metric) => ask("history", { node, metric, ...parameters })));
  return new Map(names.map((metric, i) => [metric, all[i]]));
}

/* Times of an answer's steps, s: of their middle. */
export function timesOf({ from_ns: from, step_ns: step, series }) {
  return (series?.[0]?.values ?? []).map((_, i) => (from + (i + 0.5) * step) / 1e9);
}

/* One column of values by time: null where any part is missing. */
export function column({ ask: metrics, make }, answers) {
  const parts = metrics.map((metric) => (answers.get(metric).series ?? []).map((s) => s.values));
  const length = Math.max(0, ...parts.flat().map((values) => values.length));
  return Array.from({ length }, (_, i) => {
    const rows = parts.map((part) => part.map((values) => values[i]).filter((v) => v !== null && v !== undefined));
    return rows.every((r) => r.length) ? make(rows) : null;
  });
}
