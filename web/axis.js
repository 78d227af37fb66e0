// SPDX-License-Identifier: GPL-2.0-or-later
// The time below a chart: what its ends are, and what is written there.

const SPAN_S = 60; // shown at least, so that a young history isn't stretched
const DAY_S = 86400;
const SHORT_S = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200];
const DAYS_S = [1, 2, 5, 7, 14, 30, 60, 90, 180, 365].map((n) => n * DAY_S);

/* What is shown of a history from @first to @last. */
export const span = (first, last) => [Math.min(first, last - SPAN_S), last];

const ofDays = (seconds) => seconds > 3 * DAY_S;

/* Between two marks; whole days where days are written, so that none is there twice. */
export const stepsOf = (seconds) => (ofDays(seconds) ? DAYS_S : SHORT_S);

const isMidnight = (date) => !date.getHours() && !date.getMinutes() && !date.getSeconds();

/* Of an axis: seconds near, days far, and between them a day where it begins. */
export function timeText(t, seconds) {
  const date = new Date(t * 1000);
  if (ofDays(seconds) || (seconds > 1800 && isMidnight(date)))
    return date.toLocaleDateString("en-GB", { day: "numeric", month: "short", year: seconds > 300 * DAY_S ? "2-digit" : undefined });
  const time = date.toLocaleTimeString("en-GB");
  return seconds > 1800 ? time.slice(0, 5) : seconds < 5 && seconds > 0 ? `${time}.${String(date.getMilliseconds()).padStart(3, "0")}` : time;
}

/* Of a point: with its day where that is not clear. */
export function pointText(t, seconds) {
  const day = seconds > DAY_S / 2 || Date.now() / 1000 - t > DAY_S / 2;
  return (day ? `${timeText(t, Infinity)} ` : "") + timeText(t, day && seconds > 1800 ? 1801 : 0);
}
