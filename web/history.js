// SPDX-License-Identifier: GPL-2.0-or-later
// The values of the last minutes, as they came; gaps stay gaps.

import { column, timesOf } from "./past.js";

export const POINTS = 300;
export const MARKS_MAX = 50;
/* Times, [from, to] in s, in which something was lost; drawn over the charts. */
export const LIVE_MARKS = [];
/* Of the node: seconds from sample to sample, and those without any that are a
 * gap; lost: something was, since the sample before. */
export const pace = { period: 1, gap: 5, lost: false };

export const isGap = (last, time, gap = pace.gap) => time - last > gap;

/* Columns of values by time; the oldest fall out. */
export class History {
  constructor(columns) {
    this.columns = Array.from({ length: columns + 1 }, () => []);
  }

  add(time, values) {
    const last = this.columns[0].at(-1);
    if (last !== undefined && time <= last)
      return;
    if (last !== undefined && (pace.lost || isGap(last, time, this.gap)))
      this.push((last + time) / 2, values.map(() => null));
    this.push(time, values);
  }

  push(time, values) {
    this.columns[0].push(time);
    values.forEach((value, i) => this.columns[i + 1].push(value));
    if (this.columns[0].length > POINTS)
      this.columns.forEach((column) => column.shift());
  }

  /* What was before the first sample that came. */
  fill(times, columns) {
    const first = this.columns[0][0] ?? Infinity;
    const [now, lost] = [this.columns, pace.lost];
    this.gap = Math.max(pace.gap, 3 * Math.min(...columns.map(spacing)) * (times[1] - times[0] || 0));
    this.columns = now.map(() => []);
    pace.lost = false;
    times.forEach((time, i) => {
      const values = columns.map((c) => c[i] ?? null);
      if (time < first && values.some((v) => v !== null))
        this.add(time, values);
    });
    now[0].forEach((time, i) => this.add(time, now.slice(1).map((c) => c[i])));
    pace.lost = lost;
  }

  /* series: as in past.js */
  fillSeries(series, answers) {
    const columns = series.map((s) => (s.dots ? column(s, answers) : held(column(s, answers))));
    this.fill(timesOf(answers.get(series[0].ask[0])), columns);
  }
}

/* From value to value, in steps, as it mostly is; 1 if that isn't known. */
function spacing(values) {
  const at = values.flatMap((v, i) => (v === null ? [] : [i]));
  const steps = at.slice(1).map((i, n) => i - at[n]).sort((a, b) => a - b);
  return steps[steps.length >> 1] ?? 1;
}

/* A source that is slower than the steps: each value stays until the next one is
 * due. */
export function held(values) {
  const usual = spacing(values);
  let last = -1;
  return usual === 1 ? values : values.map((v, i) => {
    last = v === null ? last : i;
    return last >= 0 && i - last < 2 * usual ? values[last] : null;
  });
}
