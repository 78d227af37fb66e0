// SPDX-License-Identifier: GPL-2.0-or-later
// Quantities as text. null is "not known yet".

const NONE = "–";
const PREFIXES = ["", "k", "M", "G", "T", "P"];
const BINARY = ["", "Ki", "Mi", "Gi", "Ti", "Pi"];

/* Three significant digits and a prefix: 999, 1.00 k, 12.3 M; of bytes 12.3 Mi */
function scaled(value, base = 1000) {
  let i = 0;
  while (value >= 999.5 && i < PREFIXES.length - 1) {
    value /= base;
    i++;
  }
  const digits = i === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return [value.toFixed(digits), (base === 1024 ? BINARY : PREFIXES)[i]];
}

export function si(value, unit) {
  if (value === null || value === undefined)
    return NONE;
  const [number, prefix] = scaled(value);
  return `${number}\u202f${prefix}${unit}`.trimEnd();
}

/* Bytes, two digits and no blank: 1.2Mi, 12Ki */
export function brief(value) {
  if (value === null || value === undefined)
    return NONE;
  const [number, prefix] = scaled(value, 1024);
  return (prefix && number.length > 3 ? number.slice(0, number.indexOf(".") > 1 ? 2 : 3) : number) + prefix;
}

export function bytes(value, unit = "B") {
  if (value === null || value === undefined)
    return NONE;
  const [number, prefix] = scaled(value, 1024);
  return `${number}\u202f${prefix}${unit}`;
}

export const bytesPerS = (value) => bytes(value, "B/s");

/* Steps of an axis that tells them are powers of two. */
bytes.binary = bytesPerS.binary = true;

/* Rates below ten a second are worth a decimal. */
export function perS(value) {
  if (value === null || value === undefined)
    return NONE;
  if (value > 0 && value < 9.95)
    return value.toFixed(1);
  const [number, prefix] = scaled(value);
  return prefix ? `${number}\u202f${prefix}` : number;
}

export const percent = (share) =>
  share === null || share === undefined ? NONE : `${(share * 100).toFixed(1)}\u202f%`;

/* In tenths of a percent, as percent() tells it. */
export const tenthsOf = (share) => Math.round(Number((share * 100).toFixed(1)) * 10);

/* Parts rounded so that, as percent() tells them, they add up to @sum: what is cut off
 * below goes to those that lost most. */
export function partsOf(sum, parts) {
  const all = parts.reduce((a, b) => a + b, 0);
  const tenths = all > 0 ? tenthsOf(sum) : 0;
  const exact = parts.map((part) => (all > 0 ? part / all * tenths : 0));
  const low = exact.map((part) => Math.floor(part + 1e-9));
  const order = exact.map((part, i) => [part - low[i], i]).sort(([a], [b]) => b - a);
  const left = tenths - low.reduce((a, b) => a + b, 0);
  for (const [, i] of order.slice(0, left))
    low[i]++;
  return low.map((part) => part / 1000);
}

export const count = (value) =>
  value === null || value === undefined ? NONE : value.toLocaleString("en").replaceAll(",", "\u202f");

export function duration(ns) {
  const s = ns / 1e9;
  if (ns < 1e6)
    return `${Math.round(ns / 1e3)}\u202fµs`;
  if (ns < 9.95e6)
    return `${(ns / 1e6).toFixed(1)}\u202fms`;
  if (s < 1)
    return `${Math.round(ns / 1e6)}\u202fms`;
  if (s < 120)
    return `${s < 10 ? +s.toFixed(1) : Math.round(s)}\u202fs`;
  if (s < 7200)
    return `${Math.round(s / 60)}\u202fmin`;
  return s < 172800 ? `${Math.round(s / 3600)}\u202fh` : `${Math.round(s / 86400)}\u202fd`;
}

/* Local time, to the second. */
export const moment = (ms) => new Date(ms).toLocaleString("sv");

export const plural = (n, one, many) => `${count(n)} ${n === 1 ? one : many}`;

/* By the units of the book. */
const UNITS = {
  "": count, "/s": perS, bytes, "bytes/s": bytesPerS, share: percent, ns: duration, "ns/s": (v) => percent(v / 1e9),
  Hz: (v) => si(v, "Hz"), "bits/s": (v) => si(v, "bit/s"), s: (v) => duration(v * 1e9), ms: (v) => duration(v * 1e6),
  celsius: (v) => `${v.toFixed(1)}\u202f°C`, watts: (v) => si(v, "W"), joules: (v) => si(v, "J"), number: (v) => v.toFixed(2),
};

export function formatOf(unit) {
  const format = UNITS[unit] ?? count;
  return Object.assign((value) => (value === null || value === undefined ? NONE : format(value)), { binary: format.binary });
}

const ORIGINS = { ring: "kernel ring", proc: "/proc", bpf: "BPF", shipper: "shipper", netlink: "netlink" };

/* Where a table was read. Without a count of all processes, there are some that its
 * shipper cannot read.
 */
export function originText({ origin, processes_all: all }) {
  return (ORIGINS[origin] ?? origin) + (all === null ? ", which hides others from the shipper" : "");
}
