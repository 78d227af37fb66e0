// SPDX-License-Identifier: GPL-2.0-or-later
// Agents of a node, asked of the node itself, with buttons for who may and can sign.

import { el, setText } from "./dom.js";
import { ask, order } from "./past.js";
import { canSign, forgetKey, heldKey, keepKey, signOrder } from "./signing.js";

const VERBS = ["start", "stop", "restart", "reload"];

const send = (node, agent, verb, body) =>
  order(`nodes/${encodeURIComponent(node)}/agents/${encodeURIComponent(agent)}/${verb}`, { timeout: "30s" }, body);

const command = (node, agent, verb) =>
  `ktach-collector agent ${verb} --node ${node} --agent ${agent} --sign-key FILE --token FILE --url ${location.origin}`;

export class Operate {
  constructor(box) {
    this.box = box;
    this.list = el("ul", { class: "operate" });
    this.note = el("p", { class: "origin", role: "status" });
    this.key = el("p", { class: "origin" });
    this.open = el("details", {}, el("summary", {}, "Operate"), this.note, this.list, this.key);
    this.open.addEventListener("toggle", () => this.open.open && this.look());
    box.append(this.open);
    this.may = false;
  }

  admit({ role }) {
    this.may = role === "operate" || role === "admin";
  }

  /* Another node, or the same one later. */
  show(node) {
    if (node.id === this.node?.id)
      return;
    this.node = node;
    this.open.open = false;
    this.list.replaceChildren();
    setText(this.note, "");
  }

  async look() {
    const node = this.node;
    setText(this.note, "Asking the node\u00a0…");
    const [answer, signs, key] = await Promise.all([ask(`nodes/${encodeURIComponent(node.id)}/agents`, {}), canSign(), heldKey()]);
    if (node !== this.node)
      return;
    this.held = signs ? key : undefined;
    setText(this.note, answer.error ?? (answer.remote === "operate" ? "" : "This node lets itself be listed only."));
    this.list.replaceChildren(...(answer.agents ?? []).map((a) => this.item(a, answer.remote === "operate" && this.may)));
    this.offerKey(signs && answer.remote === "operate" && this.may);
  }

  item(agent, operable) {
    const note = el("span", { role: "status", class: "origin" });
    const desired = agent.desired ? `, desired ${agent.desired}${agent.differs ? ` (${agent.differs})` : ""}` : "";
    const li = el("li", {}, el("b", {}, agent.agent), ` ${agent.state}${desired} `);
    if (operable && agent.state !== "broken")
      li.append(...VERBS.map((verb) => this.button(agent.agent, verb, note)));
    li.append(note);
    return li;
  }

  button(agent, verb, note) {
    const button = el("button", { type: "button", class: "button" }, verb);
    button.addEventListener("click", async () => {
      if (!this.held) {
        setText(note, command(this.node.name, agent, verb));
        return;
      }
      if (!confirm(`${verb} ${agent} on ${this.node.name}?`))
        return;
      button.disabled = true;
      const { result, error } = await send(this.node.id, agent, verb, await signOrder(this.held, this.node.id, agent, verb));
      button.disabled = false;
      setText(note, `${verb}: ${[result, error].filter(Boolean).join(": ")}`);
    });
    return button;
  }

  /* A key is taken from a file, and kept by the browser. */
  offerKey(offered) {
    this.key.replaceChildren();
    if (!offered) {
      if (this.may && !this.held)
        setText(this.key, "This browser has no Ed25519, or the page comes without TLS: a button shows the command that does it.");
      return;
    }
    const file = el("input", { type: "file", "aria-label": "Operator's private key" });
    const forget = el("button", { type: "button", class: "button" }, "Forget the key");
    const problem = el("span", { role: "status" });
    file.addEventListener("change", async () => {
      try {
        await keepKey(await file.files[0].text());
        this.look();
      } catch (e) {
        setText(problem, e.message);
      }
    });
    forget.addEventListener("click", () => forgetKey().then(() => this.look()));
    this.key.append(...(this.held ? ["This browser holds an operator's key. ", forget] :
      ["A button shows the command that does it. To sign here, give an operator's private key; it stays in this browser: ", file]), problem);
  }
}
