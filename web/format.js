// SPDX-License-Identifier: GPL-2.0-or-later
// Quantities as text. null is "not known yet".

const NONE = "–";
const PREFIXES = ["", "k", "M", "G", "T", "P"];

/* Three significant digits and an SI prefix: 999, 1.00 k, 12.3 M */
function scaled(value) {
  let i = 0;
  while (value >= 999.5 && i < PREFIXES.length - 1) {
    value /= 1000;
    i++;
  }
  const digits = i === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return [value.toFixed(digits), PREFIXES[i]];
}

export function si(value, unit) {
  if (value === null || value === undefined)
    return NONE;
  const [number, prefix] = scaled(value);
  return `${number}\u202f${prefix}${unit}`.trimEnd();
}

/* Two digits and no blank: 1.2M, 12k */
export function brief(value) {
  if (value === null || value === undefined)
    return NONE;
  const [number, prefix] = scaled(value);
  return (prefix && number.length > 3 ? number.slice(0, number.indexOf(".") > 1 ? 2 : 3) : number) + prefix;
}

export const bytesPerS = (value) => si(value, "B/s");

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
