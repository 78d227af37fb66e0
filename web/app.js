// SPDX-License-Identifier: GPL-2.0-or-later
// The page: what comes in goes to the views; the address says which is shown.

import { byId, el, notice, setAttribute, setCurrent, setText } from "./dom.js";
import { count, duration, percent, plural, si } from "./format.js";
import { Live } from "./live.js";
import { CpuView } from "./view-cpu.js";
import { FleetView } from "./view-fleet.js";
import { NetView } from "./view-net.js";
import { SoftirqView } from "./view-softirq.js";
import { TopView } from "./view-top.js";
import { RANGES, TrendsView } from "./view-trends.js";

const ORIGINS = { ring: "kernel ring", proc: "/proc", bpf: "BPF at TC", shipper: "shipper", netlink: "netlink" };
const LINKS = { connecting: "connecting", live: "connected", lost: "connection lost" };
const LIVE = "live";
const TREND_EVERY_MS = 60000;

const state = { view: "fleet", chosen: null, range: LIVE, shown: null, link: "connecting", paused: false, nodes: null };
const parts = [
  ["cpu", new CpuView(byId("cpu")), "cpus"],
  ["net", new NetView(byId("net")), "interfaces"],
  ["softirq", new SoftirqView(byId("softirq")), "cpus"],
];
const fleet = new FleetView({ box: byId("nodes"), sumsBox: byId("fleet-sums"), search: byId("search"),
  sort: byId("sort"), only: byId("only"), shown: byId("shown") }, (id) => go(`node=${encodeURIComponent(id)}`));
const top = new TopView();
const trends = new TrendsView(byId("node-trends"), byId("node-notice"));

function go(hash) {
  location.hash = hash;
}

/* "#fleet", "#top", "#node=ID", "#node=ID&range=7 d": a reload sees the same. */
function route() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const node = parameters.get("node");
  const view = node ? "node" : parameters.has("top") ? "top" : "fleet";
  const range = parameters.get("range");
  state.view = view;
  state.range = range in RANGES ? range : LIVE;
  if (node && node !== state.chosen) {
    state.chosen = node;
    live.subscribe({ nodes: "*", detail: node });
  }
  for (const name of ["fleet", "top", "node"])
    byId(`view-${name}`).hidden = name !== view;
  for (const link of document.querySelectorAll("nav a"))
    setCurrent(link, link.dataset.view === view);
  if (view === "top")
    top.open();
  else
    top.close();
  showRange();
  showNav();
  if (view === "fleet" && state.nodes)
    fleet.show(state.nodes);
  if (view !== "node")
    document.title = "ktach";
}

function showNav() {
  const link = byId("nav-node");
  const node = state.nodes?.find((n) => n.id === state.chosen || n.name === state.chosen);
  link.hidden = !state.chosen;
  if (!state.chosen)
    return;
  setText(link, node?.name ?? state.chosen);
  setAttribute(link, "href", `#node=${encodeURIComponent(state.chosen)}`);
}

function showRange() {
  const base = `#node=${encodeURIComponent(state.chosen ?? "")}`;
  byId("ranges").replaceChildren(...[LIVE, ...Object.keys(RANGES)].map((range) => {
    const link = el("a", { href: range === LIVE ? base : `${base}&range=${encodeURIComponent(range)}` }, range);
    setCurrent(link, range === state.range);
    return link;
  }));
  const trending = state.range !== LIVE;
  byId("node-data").hidden = trending;
  byId("node-trends").hidden = !trending;
  notice(byId("node-notice"), "");
  if (state.view === "node" && trending)
    trends.show(state.chosen, state.range);
}

function fact(name, value, bad = false) {
  return el("div", {}, el("dt", {}, name), el("dd", { "data-bad": bad }, value));
}

function lostText(loss) {
  const all = loss.received + loss.lost;
  const share = all ? ` (${(loss.lost / all * 100).toFixed(2)}\u202f%)` : "";
  return `${count(loss.lost)} of ${count(all)}${share}`;
}

function hostFacts({ gauges }) {
  const facts = [];
  if (gauges.load_1min !== undefined)
    facts.push(fact("load", ["1min", "5min", "15min"].map((t) => gauges[`load_${t}`]?.toFixed(2) ?? "–").join(" ")));
  const all = gauges.memory_total_bytes;
  if (all)
    facts.push(fact("memory", `${percent((all - gauges.memory_available_bytes) / all)} of ${si(all, "B")}`));
  return facts;
}

function showFacts(node) {
  const { loss } = node;
  const facts = [
    fact("every", node.period_ns ? duration(node.period_ns) : "?"),
    fact("frames lost", lostText(loss), loss.lost > 0),
    ...hostFacts(node),
  ];
  if (loss.duplicate + loss.late + loss.straggler)
    facts.push(fact("came twice or late", count(loss.duplicate + loss.late + loss.straggler)));
  if (loss.send_failed)
    facts.push(fact("not sent", count(loss.send_failed), true));
  if (node.version)
    facts.push(fact("shipper", node.version));
  byId("node-facts").replaceChildren(...facts);
}

function showPart([key, view, rows], node) {
  const data = node[key];
  const origin = byId(`${key}-origin`);
  view.box.hidden = !data?.[rows].length;
  if (view.box.hidden) {
    setText(origin, "not sent by this node");
    return;
  }
  const lost = data.lost ? `, ${plural(data.lost, "sample", "samples")} lost at the source` : "";
  const sample = data.sample ? `, sample ${count(data.sample)}` : "";
  setText(origin, `from ${ORIGINS[data.origin] ?? data.origin}${sample}${lost}`);
  setAttribute(origin, "data-origin", data.origin);
  view.show(data);
}

function showStale(node) {
  const silent = node.state !== "fresh";
  if (state.range === LIVE)
    notice(byId("node-notice"), silent ? `No frame for ${duration(node.age_ns)}: these are its last figures.` : "");
  byId("node-data").classList.toggle("stale", silent || state.link === "lost");
}

function showNode(node) {
  if (node.error) {
    setText(byId("node-title"), state.chosen ?? "");
    setText(byId("node-state"), "unknown");
    notice(byId("node-notice"), node.error);
    byId("node-data").hidden = true;
    return;
  }
  byId("node-data").hidden = state.range !== LIVE;
  if (state.shown !== node.id)
    parts.forEach(([, view]) => view.reset());
  state.shown = node.id;
  setText(byId("node-title"), node.name);
  setAttribute(byId("node-title"), "title", node.id);
  setText(byId("node-state"), node.state === "fresh" ? "live" : node.state);
  setAttribute(byId("node-state"), "data-state", node.state);
  if (state.view === "node")
    document.title = `${node.name} – ktach`;
  showFacts(node);
  parts.forEach((part) => showPart(part, node));
  showStale(node);
}

function showNotice() {
  notice(byId("notice"), state.link === "lost" ?
    "No connection to the collector; trying again. These figures are old." : "");
}

function pause() {
  state.paused = !state.paused;
  top.paused = state.paused;
  setAttribute(byId("pause"), "aria-pressed", state.paused);
  setText(byId("pause"), state.paused ? "Go on" : "Pause");
  document.body.classList.toggle("paused", state.paused);
  if (!state.paused)
    live.again();
}

const live = new Live({
  nodes(nodes) {
    if (state.paused)
      return;
    state.nodes = nodes;
    setText(byId("totals"), plural(nodes.length, "node", "nodes"));
    showNav();
    if (state.view === "fleet")
      fleet.show(nodes);
  },
  node(node) {
    if (!state.paused)
      showNode(node);
  },
  state(link) {
    if (state.link === link)
      return;
    state.link = link;
    setText(byId("link"), LINKS[link]);
    setAttribute(byId("link"), "data-state", link);
    byId("node-data").classList.toggle("stale", link === "lost");
    byId("nodes").classList.toggle("stale", link === "lost");
    showNotice();
  },
});

byId("pause").addEventListener("click", pause);
addEventListener("hashchange", route);
setInterval(() => !state.paused && state.view === "node" && state.range !== LIVE && showRange(), TREND_EVERY_MS);
route();
