#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The probes in Kbuild and the shadow headers in kmod/compat: what is in a
# kernel's headers decides, whatever its version. On small trees that are made
# up; on Debian's kernel, or GUEST_KERNEL as in ring_test.sh; and on the same
# with one function ported back into it, as other distributions do.
# Time limit: 1800 s
cd "$(dirname "$0")/../.." || exit 1
. tests/tap.sh
B=${B:-build}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# --- probes, asked as kbuild would ask them -------------------------------

# probes TREE: the macros that Kbuild defines for these headers.
probes() {
	make -s --no-print-directory -f - srctree="$1" src="$PWD" CC="${CC:-gcc}" \
		LINUXINCLUDE="-I$1/include" <<-'END' | tr ' ' '\n' | grep KTACH_HAVE | xargs
		ccflags-y :=
		include $(src)/Kbuild
		$(info $(ccflags-y))
		none: ; @:
	END
}

# tree HRTIMER_H MM_H [GENETLINK_H [CONTEXT_TRACKING_STATE_H]]: headers that hold
# just these lines.
tree() {
	mkdir -p "$work/tree/include/linux" "$work/tree/include/net"
	echo "$1" >"$work/tree/include/linux/hrtimer.h"
	echo "$2" >"$work/tree/include/linux/mm.h"
	echo "${3:-}" >"$work/tree/include/net/genetlink.h"
	echo "${4:-}" >"$work/tree/include/linux/context_tracking_state.h"
	probes "$work/tree"
}

old_timer='struct hrtimer; enum hrtimer_restart { STOP };
enum { CLOCK_MONOTONIC, HRTIMER_MODE_ABS };
extern void hrtimer_init(struct hrtimer *timer, int which_clock, int mode);'
new_timer="$old_timer
void hrtimer_setup(struct hrtimer *timer, enum hrtimer_restart (*function)(struct hrtimer *), int clock, int mode);"
is "$(probes "$work/nowhere")" "" "without headers a kernel has nothing"
is "$(tree "$old_timer" "")" "" "nor has one that declares nothing"
is "$(tree "$new_timer" "")" "-DKTACH_HAVE_HRTIMER_SETUP" "a function is found"
is "$(tree "$old_timer
#define hrtimer_setup(timer, function, clock, mode) ((void)(function), hrtimer_init(timer, clock, mode))" "")" \
	"-DKTACH_HAVE_HRTIMER_SETUP" "a macro is found"
is "$(tree "$old_timer
/* use hrtimer_setup() */
static inline void caller(void) { }" "")" "" "a comment is not taken for one"
is "$(tree "$old_timer
void hrtimer_setup(struct hrtimer *timer);" "")" "" "nor a function of the name that takes something else"
is "$(tree "$old_timer
#if 0
$new_timer
#endif" "")" "" "nor one that is left out"
is "$(tree "$old_timer" 'struct vm_area_struct; enum { VM_MAYREAD, VM_MAYWRITE };
void vm_flags_set(struct vm_area_struct *vma, long flags);
void vm_flags_clear(struct vm_area_struct *vma, long flags);')" \
	"-DKTACH_HAVE_VM_FLAGS_SET" "each feature is looked for by itself"
is "$(tree "$old_timer" "" 'struct netlink_callback; struct genl_info { void **attrs; };
const struct genl_info *genl_info_dump(struct netlink_callback *cb);')" \
	"-DKTACH_HAVE_GENL_INFO_DUMP" "also in another folder of headers"
is "$(tree "$old_timer" "" "" '#define CT_RCU_WATCHING 4')" \
	"-DKTACH_HAVE_CT_RCU_WATCHING" "a constant is found"
is "$(tree "$old_timer" "" "" '#define CT_RCU_WATCHING_MASK 4')" \
	"" "and no longer name is taken for it"

# --- a kernel -------------------------------------------------------------

# origin FUNCTION FILE.i: whose header has it: "shadow", "kernel" or "nobody".
origin() {
	awk -v function_="(^|[^A-Za-z0-9_])$1[(]" '
	/^# [0-9]+ "/ { file = $3; next }
	$0 ~ function_ && file ~ /\.h"$/ {
		print file ~ /kmod\/compat\// ? "shadow" : "kernel"; found = 1; exit
	}
	END { if (!found) print "nobody" }' "$2"
}

# expand HEADERS_DIR BUILT OBJECT: preprocess it the way it was compiled.
expand() {
	# shellcheck disable=SC2086
	${KMOD_IN:-} make -s -C "$1" M="$2" "$3.i" >"$work/log" 2>&1 ||
		sed 's/^/# /' "$work/log"
}

# by_way BUILT HEADER OBJECT
by_way() {
	check "$KVER: $3.o was built by way of kmod/compat/$2" \
		grep -q "kmod/compat/$2" "$1/$(dirname "$3")/.$(basename "$3").o.cmd"
}

# one BUILT WANT FUNCTION HEADER OBJECT
one() {
	by_way "$1" "$4" "$5"
	expand "$HEADERS_DIR" "$1" "$5"
	is "$(origin "$3" "$1/$5.i")" "$2" "$KVER: and has $3 from the $2"
}

# declares FUNCTION HEADER: the kernel's own header, as a reader would look.
declares() {
	grep -qE "^([a-z].*[ *])?$1\(" "$COMMON/include/$2" && echo kernel || echo shadow
}

if ! command -v make >/dev/null || ! kernel=$(
	# shellcheck disable=SC2086
	tests/vm/kernel.sh ${GUEST_KERNEL:-}
); then
	skip "the shadows on a kernel" "Debian's kernel cannot be had"
	done_testing
fi
eval "$kernel"
COMMON=$(sed -n 's/^include \(.*\)\/Makefile$/\1/p' "$HEADERS_DIR/Makefile")
flock "$B" make --no-print-directory B="$B" KDIR="$HEADERS_DIR" modules >&2
ok $? "$KVER: the modules build"
built=$(realpath "$B/kmod/$KVER")
timer=$(declares hrtimer_setup linux/hrtimer.h)
one "$built" "$timer" hrtimer_setup linux/hrtimer.h kmod/aggregator/tick
one "$built" "$(declares vm_flags_clear linux/mm.h)" vm_flags_clear linux/mm.h kmod/aggregator/ring_dev
one "$built" "$(declares genl_info_dump net/genetlink.h)" genl_info_dump net/genetlink.h kmod/aggregator/netlink_sample
by_way "$built" linux/context_tracking_state.h kmod/cpustat/sample
by_way "$built" linux/context_tracking_state.h kmod/softirq/sample
# The call that the timer's user ends up with is one that this kernel exports.
symbol=hrtimer_setup
[ "$timer" = kernel ] || symbol=hrtimer_init
check "$KVER: tick.o calls $symbol" told " U $symbol\$" "${CROSS_COMPILE:-}nm" "$built/kmod/aggregator/tick.o"
check "$KVER: which the kernel exports" grep -q "[[:space:]]${symbol}[[:space:]]" "$HEADERS_DIR/Module.symvers"

# --- the same kernel with a function ported back --------------------------
# Hard links; a file that is changed is replaced.
back_port() {
	local name
	cp -al "$COMMON" "$work/common" 2>/dev/null || cp -a "$COMMON" "$work/common"
	cp -a "$HEADERS_DIR" "$work/headers"
	for name in scripts tools; do
		ln -sfn "$(realpath "$HEADERS_DIR/$name")" "$work/headers/$name"
		[ ! -L "$work/common/$name" ] ||
			ln -sfn "$(realpath "$COMMON/$name")" "$work/common/$name"
	done
	sed -i "s#$COMMON#$work/common#" "$work/headers/Makefile"
	awk '1
	/^extern void hrtimer_init\(/ { inside = 1 }
	inside && /;/ {
		inside = 0
		print "static inline void"
		print "hrtimer_setup(struct hrtimer *timer,"
		print "\t      enum hrtimer_restart (*function)(struct hrtimer *),"
		print "\t      clockid_t clock, enum hrtimer_mode mode)"
		print "{"
		print "\thrtimer_init(timer, clock, mode);"
		print "\ttimer->function = function;"
		print "}"
	}' "$COMMON/include/linux/hrtimer.h" >"$work/hrtimer.h"
	mv "$work/hrtimer.h" "$work/common/include/linux/hrtimer.h"
}

if [ "$timer" = kernel ]; then
	skip "a function ported back into $KVER" "it has them all"
	done_testing
fi
back_port
make --no-print-directory B="$work" KDIR="$work/headers" KMOD_FLAGS="" modules >&2
ok $? "$KVER with hrtimer_setup ported back: the modules build"
KVER="$KVER with a back-port" HEADERS_DIR=$work/headers
built=$work/kmod/${KVER%% *}
one "$built" kernel hrtimer_setup linux/hrtimer.h kmod/aggregator/tick

# --- and with a tracepoint that passes something else ----------------------
# Its probes are registered as plain pointers: called so, they would take one
# argument for another.
pass_less() {
	sed '/^TRACE_EVENT(sched_switch,/,/TP_STRUCT__entry/ {
		s/\(struct task_struct \*next\),/\1),/
		/unsigned int prev_state),/d
		s/next, prev_state)/next)/
	}' "$COMMON/include/trace/events/sched.h" >"$work/sched.h"
	mv "$work/sched.h" "$work/common/include/trace/events/sched.h"
}
pass_less
# shellcheck disable=SC2086
check "a sched_switch that passes less than the probe takes does not compile" \
	fails into "$work/log" ${KMOD_IN:-} make -s -C "$HEADERS_DIR" M="$built" kmod/cpustat/timing.o
check "because of that" grep -q 'check_trace_callback_type_sched_switch' "$work/log"
done_testing
