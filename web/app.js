// SPDX-License-Identifier: GPL-2.0-or-later
// The page: what comes in goes to the views.

import { byId, el, notice, setAttribute, setText } from "./dom.js";
import { count, duration, plural } from "./format.js";
import { Live } from "./live.js";
import { CpuView } from "./view-cpu.js";
import { NetView } from "./view-net.js";
import { NodesView } from "./view-nodes.js";
import { SoftirqView } from "./view-softirq.js";

const ORIGINS = { ring: "kernel ring", proc: "/proc", bpf: "BPF at TC", shipper: "shipper" };
const LINKS = { connecting: "connecting", live: "connected", lost: "connection lost" };

/* The address names the chosen node: a reload, or a friend, sees the same. */
const fromAddress = () => decodeURIComponent(location.hash.replace(/^#node=/, "")) || null;

const state = { chosen: fromAddress(), shown: null, link: "connecting", nodes: null };
const parts = [
  ["cpu", new CpuView(byId("cpu")), "cpus"],
  ["net", new NetView(byId("net")), "interfaces"],
  ["softirq", new SoftirqView(byId("softirq")), "cpus"],
];
const nodesView = new NodesView(byId("nodes"), choose);

function choose(id) {
  state.chosen = id;
  history.replaceState(null, "", `#node=${encodeURIComponent(id)}`);
  live.subscribe(id);
  if (state.nodes)
    nodesView.show(state.nodes, id);
}

function fact(name, value, bad = false) {
  return el("div", {}, el("dt", {}, name), el("dd", { "data-bad": bad }, value));
}

function lostText(loss) {
  const all = loss.received + loss.lost;
  const share = all ? ` (${(loss.lost / all * 100).toFixed(2)}\u202f%)` : "";
  return `${count(loss.lost)} of ${count(all)}${share}`;
}

function showFacts(node) {
  const { loss } = node;
  const facts = [
    fact("every", node.period_ns ? duration(node.period_ns) : "?"),
    fact("frames lost", lostText(loss), loss.lost > 0),
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
  notice(byId("node-notice"), silent ? `No frame for ${duration(node.age_ns)}: these are its last figures.` : "");
  byId("node-data").classList.toggle("stale", silent || state.link === "lost");
}

function showNode(node) {
  byId("node").hidden = false;
  if (node.error) {
    setText(byId("node-title"), state.chosen ?? "");
    notice(byId("node-notice"), node.error);
    byId("node-data").hidden = true;
    return;
  }
  byId("node-data").hidden = false;
  if (state.shown !== node.id)
    parts.forEach(([, view]) => view.reset());
  state.shown = node.id;
  setText(byId("node-title"), node.name);
  setAttribute(byId("node-title"), "title", node.id);
  setText(byId("node-state"), node.state === "fresh" ? "live" : node.state);
  setAttribute(byId("node-state"), "data-state", node.state);
  document.title = `${node.name} – ktach`;
  showFacts(node);
  parts.forEach((part) => showPart(part, node));
  showStale(node);
}

function showTotals(data) {
  const dropped = Object.values(data.dropped).reduce((a, b) => a + b, 0);
  const texts = [plural(data.nodes.length, "node", "nodes"), plural(data.frames, "frame", "frames")];
  if (dropped)
    texts.push(`${count(dropped)} dropped`);
  if (data.store.dropped)
    texts.push(`${count(data.store.dropped)} tables not kept`);
  setText(byId("totals"), texts.join(" · "));
  state.storeFailing = data.store.failing;
}

function showNotice() {
  const text = state.link === "lost" ? "No connection to the collector; trying again. These figures are old." :
    state.storeFailing ? "The collector cannot write its history; its log says why." : "";
  notice(byId("notice"), text);
}

const live = new Live({
  nodes(data) {
    state.nodes = data.nodes;
    showTotals(data);
    if (!state.chosen && data.nodes.length)
      choose((data.nodes.find((n) => n.state === "fresh") ?? data.nodes[0]).id);
    nodesView.show(data.nodes, state.chosen);
    showNotice();
  },
  node: showNode,
  state(link) {
    if (state.link === link)
      return;
    state.link = link;
    setText(byId("link"), LINKS[link]);
    setAttribute(byId("link"), "data-state", link);
    byId("node-data").classList.toggle("stale", link === "lost");
    showNotice();
  },
});

if (state.chosen)
  live.subscribe(state.chosen);
addEventListener("hashchange", () => fromAddress() && choose(fromAddress()));
