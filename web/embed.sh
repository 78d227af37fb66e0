#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Write DIR/assets.c, the table of collector/api/assets.h, with the page's files
# and those of DIR/node_modules built in.
# usage: web/embed.sh DIR
set -eu
dir=$1
web=$(dirname "$0")
uplot=$dir/node_modules/uplot/dist

type_of() {
	case $1 in
	*.html) echo "text/html; charset=utf-8" ;;
	*.css) echo "text/css; charset=utf-8" ;;
	*.js) echo "text/javascript; charset=utf-8" ;;
	*.svg) echo "image/svg+xml" ;;
	*) echo "web/embed.sh: $1: no content type known" >&2; exit 1 ;;
	esac
}

# Ours without what only readers of the source need: indents, lines of comment.
page=$dir/page
rm -rf "$page"
mkdir -p "$page"
for file in "$web"/*.html "$web"/*.css "$web"/*.js "$web"/*.svg; do
	case $file in
	*.css) more='s/([-a-z0-9]+): /\1:/g; s/ \{ ?/{/g; s/([;,]) /\1/g; s/ \}/}/g' ;;
	*) more= ;;
	esac
	sed -E -e 's/^[[:space:]]+//; s|([;,{]) // .*|\1|; /^<!--.*-->$/d; /^\/\//d; /^\/\*.*\*\/$/d; /^\/\*/,/\*\/$/d; /^$/d' -e "$more" "$file" >"$page/${file##*/}"
done
# Without it, as in a source package, scripts are a third larger.
[ ! -d "$dir/node_modules/terser" ] || ! command -v node >/dev/null || node "$web/squeeze.mjs" "$dir/node_modules" "$page"/*.js

set -- "$page"/* "$dir/book.js" \
	"$uplot/uPlot.iife.min.js" "$uplot/uPlot.min.css"
{
	printf '/* Made by web/embed.sh. */\n#include "collector/api/assets.h"\n\n'
	n=0
	for file; do
		[ -f "$file" ] || { echo "web/embed.sh: $file: missing" >&2; exit 1; }
		printf '__asm__(".section .rodata\\nasset_%d:\\n' $n
		printf '.incbin \\"%s\\"\\nasset_%d_end:\\n.previous\\n");\n' "$file" $n
		printf 'extern const unsigned char asset_%d[], asset_%d_end[];\n' $n $n
		n=$((n + 1))
	done
	printf '\nconst struct asset assets[] = {\n'
	n=0
	for file; do
		type=$(type_of "$file")
		printf '\t{ "/%s", "%s", asset_%d, asset_%d_end },\n' \
			"$(basename "$file")" "$type" $n $n
		n=$((n + 1))
	done
	printf '\t{ 0 }\n};\n'
} > "$dir/assets.c.new"
mv "$dir/assets.c.new" "$dir/assets.c"
