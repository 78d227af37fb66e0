// SPDX-License-Identifier: GPL-2.0-or-later
// Make scripts shorter, in place: names that only they know, blanks.
// usage: squeeze.mjs NODE_MODULES FILE...

import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";

const [modules, ...files] = process.argv.slice(2);
const { minify } = createRequire(`${resolve(modules)}/`)("terser");
for (const file of files) {
  const { code } = await minify(readFileSync(file, "utf8"), { module: true, ecma: 2020, compress: { passes: 2 } });
  writeFileSync(file, code);
}
