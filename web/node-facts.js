// SPDX-License-Identifier: GPL-2.0-or-later
// What a node is, and how well its figures come, above its charts.

import { byId, el } from "./dom.js";
import { bytes, count, duration, moment, perS, si } from "./format.js";
import { cpuTemperature } from "./view-things.js";

const ADDRESSES_SHOWN = 8;

function clockText(ns) {
  return `${duration(Math.abs(ns))} ${ns > 0 ? "ahead" : "behind"}`;
}

function fact(name, value, bad = false) {
  return el("div", {}, el("dt", {}, name), el("dd", { "data-bad": bad }, value));
}

function lostText({ lost, received }) {
  const all = received + lost;
  const share = lost ? ` (${(lost / all * 100).toFixed(2)}\u202f%)` : "";
  return `${count(lost)} of ${count(all)}${share}`;
}

const known = (facts) => facts.filter(([, value]) => value).map(([name, value, bad]) => fact(name, value, bad));

function cpuFact(facts) {
  const numbers = ["sockets", "cores", "threads"].filter((key) => facts[key] !== undefined)
    .map((key) => (facts[key] === 1 ? `1 ${key.slice(0, -1)}` : `${facts[key]} ${key}`));
  return [facts.cpu_model, numbers.join(", ")].filter(Boolean).join(" – ");
}

/* The slowest and the fastest core. */
function clockFact(core) {
  const hz = core?.cores.map((c) => c.hz).filter((v) => v !== null) ?? [];
  const [low, high] = [Math.min(...hz), Math.max(...hz)];
  return !hz.length ? "" : high - low < 5e7 ? si(high, "Hz") : `${si(low, "Hz")} to ${si(high, "Hz")}`;
}

function addressFact(addresses) {
  const left = addresses.length - ADDRESSES_SHOWN;
  return addresses.slice(0, ADDRESSES_SHOWN).join(" ") + (left > 0 ? ` and ${left} more` : "");
}

export function showHost(node) {
  const facts = node.facts ?? { addresses: [] };
  const hot = cpuTemperature(node.sensor?.sensors ?? []);
  const [dropped, squeezed] = ["dropped_per_s", "squeezed_per_s"]
    .map((key) => node.core?.cores.reduce((sum, c) => sum + (c[key] ?? 0), 0) ?? 0);
  byId("node-host").replaceChildren(...known([
    ["CPU", cpuFact(facts)],
    ["clock", clockFact(node.core)],
    ["CPU temperature", hot && `${hot.value.toFixed(0)}\u202f°C`, hot?.critical && hot.value > 0.9 * hot.critical],
    ["memory", node.memory ? bytes(node.memory.total_bytes) : facts.memory_bytes && bytes(Number(facts.memory_bytes))],
    ["kernel", [facts.kernel, facts.architecture].filter(Boolean).join(" ")],
    ["distribution", facts.distribution],
    ["virtualisation", facts.virtualisation],
    ["booted", facts.boot_real_ns && moment(facts.boot_real_ns / 1e6)],
    ["boot id", facts.boot_id],
    ["up", facts.uptime_ns && duration(facts.uptime_ns)],
    ["time zone", facts.time_zone],
    ["addresses", addressFact(facts.addresses)],
    ["packets dropped by CPUs", dropped ? `${perS(dropped)}/s` : "", true],
    ["CPUs out of packet budget", squeezed ? `${perS(squeezed)}/s` : ""],
    ["kernel modules", facts.modules_version],
  ]));
}

/* Frames that went astray, by where: never sent, lost on the way, not taken. */
const ASTRAY = {
  lost: ["lost"],
  shed: ["send_failed", "queue", "spool", "key"],
  refused: ["table", "value", "full", "budget"],
};
const astray = (loss) => Object.fromEntries(Object.entries(ASTRAY).map(([name, keys]) =>
  [name, keys.reduce((all, key) => all + (loss[key] ?? 0), 0)]));

/* What went astray in the last hour: that of the history, and what came since it was asked. */
export class LastHour {
  constructor() {
    this.reset();
  }

  reset() {
    this.kept = null;
    this.base = null;
  }

  set(steps, loss) {
    this.kept = astray(Object.fromEntries(Object.values(ASTRAY).flat().map((key) => [key, steps.reduce((all, step) => all + (step[key] ?? 0), 0)])));
    this.base = astray(loss);
  }

  of(loss) {
    const now = astray(loss);
    this.base ??= now;
    return Object.fromEntries(Object.keys(ASTRAY).map((name) => [name, (this.kept?.[name] ?? 0) + now[name] - this.base[name]]));
  }

  get known() {
    return this.kept !== null;
  }
}

export function showFacts(node, hour) {
  const { loss, gauges } = node;
  const [recent, all] = [hour.of(loss), astray(loss)];
  const since = (name) => (all[name] ? `${hour.known ? count(recent[name]) : "…"} in the last hour, ${name === "lost" ? lostText(loss) : count(all[name])} in all` : "none");
  const facts = [
    fact("every", node.period_ns ? duration(node.period_ns) : "?"),
    fact("frames lost", since("lost"), recent.lost > 0),
  ];
  if (gauges.load_1min !== undefined)
    facts.push(fact("load", ["1min", "5min", "15min"].map((t) => gauges[`load_${t}`]?.toFixed(2) ?? "–").join(" ")));
  if (node.clones)
    facts.push(fact("refused clones", node.senders.filter((s) => !s.taken).map((s) => `${s.name} at ${s.address}`).join(", "), true));
  if (Math.abs(node.clock_offset_ns) >= 1e9)
    facts.push(fact("clock", clockText(node.clock_offset_ns) + (node.redated ? "; stored by the collector's time" : ""), true));
  if (node.shared)
    facts.push(fact("began at another collector", `before frame ${count(node.shared.from_sequence)}; some may be in both histories`));
  if (loss.duplicate + loss.late + loss.straggler)
    facts.push(fact("came twice or late", count(loss.duplicate + loss.late + loss.straggler)));
  if (all.refused)
    facts.push(fact("not taken", since("refused"), recent.refused > 0));
  if (all.shed)
    facts.push(fact("not sent", since("shed"), recent.shed > 0));
  if (node.version)
    facts.push(fact("shipper", node.version));
  byId("node-facts").replaceChildren(...facts);
}
