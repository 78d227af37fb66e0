// SPDX-License-Identifier: GPL-2.0-or-later
// What a chart shows, as a file: its values as CSV, and its picture with title and legend.

import { color, el } from "./dom.js";

const LINE = 22; // px, of a picture's head

function save(blob, name) {
  const link = el("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

/* A cell that a spreadsheet takes for what it is, and for nothing else. */
function cell(value) {
  if (value === null || value === undefined)
    return "";
  const text = String(value);
  const safe = typeof value === "string" && /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const csvOf = (head, rows) => [head, ...rows].map((row) => row.map(cell).join(",")).join("\r\n");

/* @canvas below @title and what its colours mean. */
function picture(canvas, title, parts) {
  const scale = devicePixelRatio || 1;
  const copy = el("canvas");
  const [width, height] = [canvas.clientWidth * scale, canvas.clientHeight * scale];
  copy.width = width;
  copy.height = height + 2 * LINE * scale;
  const c = copy.getContext("2d");
  c.fillStyle = color("card");
  c.fillRect(0, 0, copy.width, copy.height);
  c.imageSmoothingEnabled = false;
  c.drawImage(canvas, 0, 2 * LINE * scale, width, height);
  c.scale(scale, scale);
  c.fillStyle = color("text");
  c.font = "600 14px system-ui, sans-serif";
  c.fillText(title, 8, 16);
  c.font = "12px system-ui, sans-serif";
  let x = 8;
  for (const { label, color: name } of parts) {
    c.fillStyle = color(name);
    c.fillRect(x, LINE + 4, 10, 10);
    c.fillStyle = color("dim");
    c.fillText(label, x + 14, LINE + 13);
    x += 28 + c.measureText(label).width;
  }
  return copy;
}

/* Two buttons. @about: {name(): of the file and above the picture, head, rows(): of the
 * table, canvas(), parts: [{label, color}]} */
export function exports({ name, head, rows, canvas, parts }) {
  const button = (text, make) => {
    const b = el("button", { class: "tool", type: "button", title: `Save as ${text}` }, text);
    b.addEventListener("click", make);
    return b;
  };
  const file = (ending) => `${name().replace(/[^\p{L}\d.-]+/gu, "-").replace(/^-|-$/g, "")}.${ending}`;
  return el("span", { class: "tools" },
    button("CSV", () => save(new Blob([csvOf(head(), rows())], { type: "text/csv" }), file("csv"))),
    button("PNG", () => picture(canvas(), name(), parts).toBlob((blob) => save(blob, file("png")))));
}
