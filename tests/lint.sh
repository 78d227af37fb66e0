#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The rules that a compiler does not hold: who may include whom, what the
# kernel's own tools say of kmod/, formatting, and what may not be in the tree.
# Time limit: 600 s
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
B=${B:-build}

# never TEXT PATTERN PATH...: no line of these files may match.
never() {
	local text=$1 pattern=$2 found
	shift 2
	found=$(grep -rnE --include='*.[chS]' -- "$pattern" "$@" 2>/dev/null)
	check "$text" test -z "$found"
	[ -z "$found" ] || echo "$found" | head -5 | sed 's/^/# /'
}

never "kmod/ and bpf/ do not know the wire" 'include.*wire' kmod bpf
never "the collector knows nothing of the kernel" \
	'include *[<"](linux/|uapi/|bpf/|libbpf|netlink/)' collector
never "cpustat does not include softirq or the aggregator" \
	'include.*(softirq/|aggregator/)' kmod/cpustat
never "softirq does not include cpustat or the aggregator" \
	'include.*(cpustat/|aggregator/)' kmod/softirq
never "sources know no netlink and no mmap" \
	'netlink|mmap|vm_area_struct|file_operations' kmod/cpustat kmod/softirq
never "the aggregator names no source" 'cpustat|softirq' kmod/aggregator kmod/include
never "ring.c allocates, sleeps, locks and logs nothing" \
	'(alloc|free)\(|sleep|mutex_|spin_lock|printk|pr_(err|warn|info|debug)' \
	kmod/aggregator/ring.c
never "kernel versions only in kmod/compat" \
	'LINUX_VERSION_CODE|KERNEL_VERSION' kmod/aggregator kmod/cpustat kmod/softirq kmod/include bpf
never "no hunt for symbols that are not exported" \
	'kallsyms_lookup|register_kprobe' kmod
never "barriers of user space only in lib/base/barrier.h" \
	'__atomic_|__sync_|stdatomic|memory_order|atomic_thread_fence' \
	host shipper collector ktach agentd lib/loop lib/wire lib/kernel lib/netlink lib/base/[!b]*.[ch]
never "nothing includes tests/" 'include.*tests/' kmod bpf lib host shipper collector agentd ktach include
never "lib/ knows no program" 'include *"(host|shipper|collector|agentd|ktach)/' lib
never "tables/ knows no program" 'include *"(host|shipper|collector|agentd|ktach)/' tables
never "host/ knows no program" 'include *"(shipper|collector|agentd|ktach)/' host
is "$(grep -l 'extern.*struct host_collector' host/*.h host/*/*.h)" host/collector.h "a collector is declared by their table alone"
never "the shipper knows no other program" 'include *"(collector|agentd|ktach)/' shipper
never "the collector knows no other program" 'include *"(host|shipper|agentd|ktach)/' collector
never "the inspector knows no other program" 'include *"(shipper|collector|agentd)/' ktach
never "agentd knows no other program" 'include *"(host|shipper|collector|ktach)/' agentd
never "only agentd speaks to systemd's bus" 'include *<systemd/' host shipper collector ktach lib
never "and of it only what is in agentd/bus, agents and doors: the generator does without" 'include.*(systemd/|agentd/(bus|agents|doors)/)' agentd/agent agentd/generator.c

is "$(grep -rlE --include='*.[ch]' 'include <sqlite3|sqlite3_' collector | grep -v '^collector/history/sqlite/\|^collector/alarms/ledger_file\.c$')" "" \
	"SQLite is one engine of the history, and the ledger's file: nothing else knows of it"
is "$(grep -rlE --include='*.[ch]' 'history/sqlite/' collector/history | grep -v '^collector/history/sqlite/' | xargs grep -hoE 'history/sqlite/[a-z]+\.h' | sort -u)" \
	history/sqlite/sqlite.h "the history opens it, and knows no other header of it"

is "$(tests/circles.py tables lib host shipper collector agentd ktach)" "" "no folders include each other in a circle"
is "$(tests/circles.py --files tables lib host shipper agentd ktach collector/{base,nodes,figures,state,feed,api,login,tool,alarms,outlets,agents,enroll,fleet,query,history})" "" \
	"nor do files, but of the HTTP server and of incidents"

missing=$(find . \( -name build -o -name node_modules -o -name .git \) -prune -o \
	\( -name '*.[chS]' -o -name '*.def' -o -name '*.sh' -o -name '*.js' -o -name '*.mjs' -o -name '*.py' \
	-o -name '*.css' -o -name '*.html' -o -name Makefile -o -name Kbuild -o -name '*.mk' \) \
	-exec grep -L SPDX-License-Identifier {} +)
is "$missing" "" "every file names its license"
# What an atomic answers is what makes it order: the compiler leaves out what nobody uses.
disassembled=$(llvm-objdump -d "$B/bpf/rings.bpf.o" 2>&1)
check "rings.bpf.c is disassembled" told xchg echo "$disassembled"
is "$(grep -F 'lock *(' <<<"$disassembled")" "" "and no atomic of it orders nothing"
wrong=$(grep -rL 'GPL-2.0-only' --include='*.[ch]' kmod bpf)
is "$wrong" "" "kmod/ and bpf/ are GPL-2.0-only"
long=$(find kmod bpf lib tables host shipper collector agentd ktach -name '*.c' -exec wc -l {} + |
	awk '$1 > 600 && $2 != "total" { print $2, $1 }')
is "$long" "" "no file is longer than 600 lines"
is "$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)" "$(cat VERSION)" \
	"dkms.conf has the version of VERSION"
is "$(sed -n 's/^MODULE_VERSION("\(.*\)");/\1/p' kmod/aggregator/main.c)" "$(cat VERSION)" \
	"so has the aggregator, by which a host tells which modules it has"

bad=$(sed '/^#/d; /^$/d' shipper/sample.functions | sort -u | while read -r name; do
	grep -rqE "^[a-z].*\b$name\(" --include='*.[ch]' lib host shipper || echo "$name"
done)
is "$bad" "" "what is linked for every sample is there"
is "$(sed '/^#/d; /^$/d' shipper/sample.functions | sort | uniq -d)" "" "and nothing twice"

bad=$(for patch in tests/mutants*/*.patch; do
	patch --dry-run -s -f -F0 -p1 <"$patch" >/dev/null 2>&1 || echo "$patch"
done)
is "$bad" "" "each fault of tests/mutants fits the tree"
bad=$(grep -H '^Test: ' tests/mutants*/*.patch | while IFS=' ' read -r patch test; do
	test=${test#build/}
	[ -f "$test" ] || [ -f "$test.c" ] || echo "${patch%:Test:}: $test"
done)
is "$bad" "" "and names a test that there is"

bad=$(find . \( -name build -o -name node_modules \) -prune -o -name '*.md' -print | while read -r file; do
	grep -oE '\]\([^)#:]+[)#]' "$file" | sed 's/^](//; s/[)#]$//' | while read -r link; do
		[ -e "$(dirname "$file")/$link" ] || echo "$file: $link"
	done
done)
is "$bad" "" "each link of the documents leads to a file"
bad=$(grep -oE '`[a-z_]+\(\)`' docs/tour.md | tr -d '`()' | sort -u | while read -r name; do
	grep -rqE "\b$name\(" --include='*.[ch]' kmod bpf lib host shipper collector agentd || echo "$name"
done)
is "$bad" "" "what the tour names is in the code"
is "$(awk -f scripts/rules.awk collector/alarms/default.rules | diff - <(sed -n '/^| rule/,$p' docs/alarms.md) | head -5)" "" \
	"docs/alarms.md has the rules that ktach comes with ('make docs' writes it)"

if [ -x "$B/tables/print" ]; then
	is "$("$B/tables/print" docs | diff - docs/metrics.md | head -5)" "" \
		"docs/metrics.md is what the book says ('make docs' writes it)"
else
	skip "docs/metrics.md is what the book says" "nothing is built"
fi

bad=$(grep -rlE 'assert_(float|double)_(not_)?equal' tests --include='*.[ch]' | grep -v '^tests/unit/near.h$')
is "$bad" "" "tests hold numbers by tests/unit/near.h, which what is no number does not pass"

# A linker takes the first one that it finds, without a word.
if [ -f "$B/collector.a" ]; then
	bad=$(for a in lib host shipper collector agentd ktach; do
		nm -g --defined-only "$B/$a.a" 2>/dev/null | awk 'NF == 3 { print $3 }' | sort -u
	done | sort | uniq -d)
	is "$bad" "" "no external name is in two archives"
else
	skip "no external name is in two archives" "nothing is built"
fi

# Formatting differs between versions of clang-format: 14 is what counts.
if clang-format --version 2>/dev/null | grep -q 'version 14\.'; then
	bad=$(find kmod bpf lib tables host shipper collector agentd ktach tests -name '*.c' -exec clang-format --dry-run -Werror {} + 2>&1 |
		sed -n 's/^\([^ ]*\):[0-9]*:[0-9]*: error:.*/\1/p' | sort -u)
	is "$bad" "" "clang-format has nothing to change"
else
	skip "clang-format has nothing to change" "clang-format 14 is not here"
fi

# What takes a minute is for `make lint` and check-full.
if [ -z "${LONG:-}" ]; then
	skip "shellcheck, and checkpatch, sparse and W=1 of kmod/, have nothing to say" "LONG=1 asks them"
	done_testing
fi

if command -v shellcheck >/dev/null; then
	bad=$(grep -rlE '^#!/bin/(ba)?sh' scripts tests .ci packaging 2>/dev/null |
		grep -v node_modules | xargs -n 30 -P "$(nproc)" shellcheck -S warning -x -e SC1090,SC1091,SC2319 2>&1)
	check "shellcheck has nothing to warn of" test -z "$bad"
	echo "$bad" | head -20 | sed 's/^/# /'
else
	skip "shellcheck has nothing to warn of" "shellcheck is not here"
fi

# checkpatch.pl comes only with Debian's packaged kernel source.
checkpatch=$(bash scripts/checkpatch.sh 2>/dev/null)
if [ -n "$checkpatch" ]; then
	bad=$(find kmod include/uapi -name '*.[ch]' -exec perl "$checkpatch" \
		--strict --no-tree --terse --no-summary --show-types \
		-f {} + 2>&1)
	is "$bad" "" "checkpatch --strict has nothing to say of kmod/"
else
	skip "checkpatch --strict has nothing to say of kmod/" "linux-source cannot be had"
fi

if command -v sparse >/dev/null; then
	bad=$(B=$B bash scripts/sparse.sh 2>&1)
	ok $? "sparse and W=1 have nothing to say of kmod/"
	[ -z "$bad" ] || echo "$bad" | head -10 | sed 's/^/# /'
else
	skip "sparse and W=1 have nothing to say of kmod/" "sparse is not here"
fi
done_testing
