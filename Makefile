# SPDX-License-Identifier: GPL-2.0-or-later
#
# ktach: `make help` lists the targets. Everything that is made goes to build/.

VERSION := $(shell cat VERSION)
B := build

# Quiet unless V=1.
ifeq ($(V),1)
  Q :=
  say = @:
else
  Q := @
  say = @printf '  %-8s %s\n'
  MAKEFLAGS += --no-print-directory
endif
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
  MAKEFLAGS += -j$(shell nproc)
endif

CC ?= cc
CLANG ?= clang
LLVM_STRIP ?= llvm-strip
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
PKG_CONFIG ?= pkg-config

CFLAGS ?= -O2 -g
WARN := -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wshadow \
	-Wno-unused-parameter -Wno-missing-field-initializers
# Without the PLT a call into a library touches a cache line less; functions have
# sections of their own, to be put in order.
ALL_CFLAGS = -std=gnu11 -fno-plt -ffunction-sections $(WARN) $(CPPFLAGS) $(CFLAGS) -I. -Iinclude -Iinclude/uapi -I$(B) \
	-D_GNU_SOURCE -DKTACH_VERSION='"$(VERSION)"' -MMD -MP
FLAGS := $(B)/flags
# hiredis would have all of us call other names of open() and the like.
pkg = $(filter-out -D_FILE_OFFSET_BITS=64,$(shell $(PKG_CONFIG) $(1) $(2) 2>/dev/null))

LIB_PKGS := libisal liburing libsodium inih
GENL_PKGS := libnl-genl-3.0
SHIPPER_PKGS := libbpf libnl-3.0
COLLECTOR_PKGS := libmicrohttpd gnutls sqlite3 jansson libzstd hiredis libcurl libpcre2-8 libprotobuf-c snappy
AGENTD_PKGS := libsystemd sqlite3 jansson
KTACH_PKGS := jansson ncursesw libbpf zlib
ALL_PKGS := $(LIB_PKGS) $(GENL_PKGS) $(SHIPPER_PKGS) $(COLLECTOR_PKGS) $(AGENTD_PKGS) $(KTACH_PKGS)

# After a command that has failed: what is most likely the reason.
or_hint = || { $(PKG_CONFIG) --exists $(ALL_PKGS) 2>/dev/null || \
	echo "ktach: libraries are missing; 'make deps' installs them" >&2; exit 1; }

sources = $(sort $(wildcard $(addprefix $(1)/,*.c */*.c */*/*.c)))
objects = $(patsubst %.c,$(B)/%.o,$(sources))
LIB_OBJS := $(call objects,lib) $(filter-out %/print.o,$(call objects,tables))
HOST_OBJS := $(call objects,host)
SHIPPER_OBJS := $(call objects,shipper)
COLLECTOR_OBJS := $(call objects,collector)
AGENTD_OBJS := $(call objects,agentd)
KTACH_OBJS := $(call objects,ktach)
BPF_SKEL := $(patsubst %.bpf.c,$(B)/%.skel.h,$(wildcard bpf/*.bpf.c))
PAGE := $(B)/web/assets.o
PROGRAMS := $(B)/ktach-shipper $(B)/ktach-enroll $(B)/ktach-collector $(B)/ktach-agentd $(B)/ktach-agent-generator $(B)/bin/ktach

.PHONY: all programs modules bpf page help deps demo check lint clean
all: programs modules ## build the modules, the BPF object, the programs and the page

programs: $(PROGRAMS) ## build the programs only

bpf: $(BPF_SKEL) ## build the BPF object and its skeleton
page: $(PAGE) ## build the page that the collector serves

# --- kernel modules -------------------------------------------------------
# KERNEL= names a release with headers installed, KDIR= a kernel's build folder.
# KMOD_IN= is a command that the kernel's make runs under, to be in a chroot.
RUNNING := $(shell uname -r)
KERNEL ?= $(if $(wildcard /lib/modules/$(RUNNING)/build),$(RUNNING),$(notdir \
	$(patsubst %/build,%,$(lastword $(sort $(wildcard /lib/modules/*/build))))))
KDIR ?= $(if $(KERNEL),/lib/modules/$(KERNEL)/build)
RELEASE := $(if $(KDIR),$(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
	$(KDIR)/include/generated/utsrelease.h 2>/dev/null))
KMOD_SRCS := Kbuild $(shell find kmod include/uapi -name '*.[ch]' -o -name Kbuild 2>/dev/null)
KMOD_DIR := $(B)/kmod/$(RELEASE)

modules: $(if $(RELEASE),$(KMOD_DIR)/.built,no-headers) ## build the kernel modules; KERNEL=release or KDIR=folder chooses the kernel

# Each kernel has a copy of the sources, so that several can be built.
$(KMOD_DIR)/.built: $(KMOD_SRCS)
	$(say) KMOD $(RELEASE)
	$(Q)mkdir -p $(@D)
	$(Q)cp -pu --parents $(KMOD_SRCS) $(@D)
	$(Q)$(KMOD_IN) $(MAKE) $(if $(Q),-s) -C $(KDIR) M=$(abspath $(@D)) $(KMOD_FLAGS) modules \
		$(if $(Q),>$(@D)/log 2>&1 || { cat $(@D)/log >&2; exit 1; }; grep -v '^Skipping BTF' $(@D)/log >&2 || true)
	$(Q)touch $@

.PHONY: no-headers
no-headers:
	@echo "modules: no kernel headers in $(or $(KDIR),/lib/modules/*/build); install linux-headers-amd64, or set KDIR=" >&2
	@$(if $(filter modules,$(MAKECMDGOALS)),false,true)

# --- BPF ------------------------------------------------------------------
# asm/types.h is under the architecture's own folder on Debian.
BPF_INCLUDES := -Iinclude -Iinclude/uapi -I. $(addprefix -idirafter ,$(wildcard $(shell $(CC) -print-sysroot 2>/dev/null)/usr/include/$(shell $(CC) -print-multiarch 2>/dev/null)))

$(B)/%.bpf.o: %.bpf.c
	$(say) BPF $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -O2 -g -Wall -Werror -target bpf -mcpu=v3 $(BPF_INCLUDES) -MMD -MP -c $< -o $@ $(or_hint)
	$(Q)$(LLVM_STRIP) -g $@

$(B)/bpf/%.skel.h: $(B)/bpf/%.bpf.o
	$(say) SKEL $<
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@.new
	$(Q)mv $@.new $@

# --- book -----------------------------------------------------------------
$(B)/tables/print: $(B)/tables/print.o $(B)/lib.a
	$(say) LINK $@
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

.PHONY: docs
docs: $(B)/tables/print ## write docs/metrics.md from the book (tables/tables.def), and the table of docs/alarms.md
	$(Q)$< docs >docs/metrics.md
	$(Q)sed '/^| rule/,$$d' docs/alarms.md >$(B)/alarms.md && awk -f scripts/rules.awk collector/alarms/default.rules >>$(B)/alarms.md
	$(Q)cp $(B)/alarms.md docs/alarms.md

# --- page -----------------------------------------------------------------
-include web/build.mk

# --- programs -------------------------------------------------------------
# What all objects are made with: they are made again when it changes.
ifneq ($(file <$(FLAGS)),$(CC) $(ALL_CFLAGS))
.PHONY: $(FLAGS)
endif
$(FLAGS):
	$(Q)mkdir -p $(@D)
	$(Q)printf '%s\n' '$(subst ','\'',$(CC) $(ALL_CFLAGS))' >$@

$(B)/%.o: %.c $(FLAGS)
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(call pkg,--cflags,$(ALL_PKGS)) -c $< -o $@ $(or_hint)

$(HOST_OBJS) $(SHIPPER_OBJS): | $(BPF_SKEL)

$(B)/collector/alarms/default.o: collector/alarms/default.rules
	$(Q)mkdir -p $(@D)
	$(Q)printf '%s\n' '.section .rodata' '.global rules_default, rules_default_end' 'rules_default: .incbin "$<"' \
		'rules_default_end: .section .note.GNU-stack,"",%progbits' | $(CC) -c -x assembler - -o $@

$(B)/collector/api/description.o: docs/openapi.yaml
	$(Q)mkdir -p $(@D)
	$(Q)printf '%s\n' '.section .rodata' '.global api_description, api_description_end' 'api_description: .incbin "$<"' \
		'api_description_end: .section .note.GNU-stack,"",%progbits' | $(CC) -c -x assembler - -o $@

# What Prometheus' remote read says.
$(B)/%.pb-c.c $(B)/%.pb-c.h &: %.proto
	$(say) PROTOC $<
	$(Q)mkdir -p $(@D)
	$(Q)protoc-c --c_out=$(B) $< $(or_hint)

$(B)/%.pb-c.o: $(B)/%.pb-c.c $(FLAGS)
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) $(call pkg,--cflags,libprotobuf-c) -c $< -o $@ $(or_hint)

PROTOCOLS := $(patsubst %.proto,$(B)/%.pb-c.h,$(wildcard collector/*/*.proto))
$(COLLECTOR_OBJS) $(COLLECTOR_OBJS:$(B)/%=$(B)/sanitized/%): | $(PROTOCOLS)

# Archives, so that a test links just what it calls.
$(B)/lib.a: $(LIB_OBJS)
$(B)/host.a: $(HOST_OBJS)
$(B)/shipper.a: $(filter-out %/main.o,$(SHIPPER_OBJS))
COLLECTOR_TEXTS := $(B)/collector/alarms/default.o $(B)/collector/api/description.o $(B)/collector/remote/remote.pb-c.o
$(B)/collector.a: $(filter-out %/main.o,$(COLLECTOR_OBJS)) $(COLLECTOR_TEXTS) $(PAGE)
$(B)/agentd.a: $(filter-out %/main.o %/generator.o,$(AGENTD_OBJS))
$(B)/ktach.a: $(filter-out %/main.o,$(KTACH_OBJS))
$(B)/%.a:
	$(Q)rm -f $@.new
	$(Q)$(AR) rcs $@.new $^
	$(Q)mv $@.new $@

# wslay has no file for pkg-config.
link = $(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(call pkg,--libs,$(1)) $(if $(filter %collector.a,$^),-lwslay) -pthread -lm

# Objects of BPF programs, which the start alone reads, stand behind all other constants: a
# page that is touched has those around it mapped, too.
$(B)/shipper/sample.ld: shipper/sample.functions
	$(Q)mkdir -p $(@D)
	$(Q)awk 'BEGIN { print "SECTIONS { .text.sample : {" } \
		/^[a-z]/ { printf "*(.text.%s .text.%s.*)\n", $$1, $$1 } \
		END { print "} } INSERT BEFORE .text;"; \
			print "SECTIONS { .rodata.start : { *_load.o(.rodata) *process_bpf.o(.rodata) } } INSERT AFTER .eh_frame;" }' $< >$@

$(B)/ktach-shipper: LDFLAGS += -Wl,-T,$(B)/shipper/sample.ld
$(B)/ktach-shipper: $(B)/shipper/main.o $(B)/shipper.a $(B)/host.a $(B)/lib.a $(B)/shipper/sample.ld
	$(say) LINK $@
	$(call link,$(SHIPPER_PKGS) $(LIB_PKGS))

# Part of the shipper that is seldom there: its libraries need not be, either.
$(B)/ktach-enroll: LDFLAGS += -Wl,--as-needed
$(B)/ktach-enroll: $(B)/shipper/enroll/main.o $(B)/shipper.a $(B)/host.a $(B)/lib.a
	$(say) LINK $@
	$(call link,gnutls $(SHIPPER_PKGS) $(LIB_PKGS))

$(B)/ktach-collector: $(B)/collector/main.o $(B)/collector.a $(B)/lib.a
	$(say) LINK $@
	$(call link,$(COLLECTOR_PKGS) $(LIB_PKGS))

$(B)/ktach-agentd: LDFLAGS += -Wl,--as-needed
$(B)/ktach-agentd: $(B)/agentd/main.o $(B)/agentd.a $(B)/lib.a
	$(say) LINK $@
	$(call link,$(AGENTD_PKGS) $(LIB_PKGS))

# At boot it stands before all services: it has what it needs, and nothing else.
$(B)/ktach-agent-generator: $(B)/agentd/generator.o $(B)/agentd.a $(B)/lib.a
	$(say) LINK $@
	$(call link,inih)

# In a folder of its own: $(B)/ktach is where its objects are.
$(B)/bin/ktach: $(B)/ktach/main.o $(B)/ktach.a $(B)/host.a $(B)/lib.a
	$(say) LINK $@
	$(Q)mkdir -p $(@D)
	$(call link,$(KTACH_PKGS) $(GENL_PKGS) $(LIB_PKGS))

# --- tests ----------------------------------------------------------------
comma := ,
UNIT_TESTS := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*_test.c))
# Programs for guests stand alone, but for libnl's; those for this host use the
# shipper's parts.
GUEST_PROGRAMS := $(patsubst %.c,$(B)/%,$(wildcard tests/selftests/ring*.c tests/vm/*.c))
NETLINK_PROGRAMS := $(patsubst %.c,$(B)/%,$(wildcard tests/selftests/netlink_*.c))
HOST_PROGRAMS := $(patsubst %.c,$(B)/%,$(wildcard tests/selftests/net_*.c tests/e2e/*.c))
.SECONDARY:

$(UNIT_TESTS): $(B)/%: $(B)/%.o $(B)/collector.a $(B)/shipper.a $(B)/ktach.a $(B)/agentd.a $(B)/host.a $(B)/lib.a
	$(say) LINK $@
	$(call link,cmocka $(COLLECTOR_PKGS) $(SHIPPER_PKGS) $(AGENTD_PKGS) $(KTACH_PKGS) $(GENL_PKGS) $(LIB_PKGS))

$(B)/tests/unit/collector_quiet_day_test: $(B)/bench/feeds/fleet.o
$(B)/tests/e2e/fleet: LDFLAGS += -lm
$(B)/tests/e2e/fleet: $(B)/bench/feeds/whole.o

# Counts what marks.c and SQLite do.
$(B)/tests/unit/collector_work_test.o: private ALL_CFLAGS += -fsanitize-coverage=trace-pc
$(B)/tests/unit/collector_work_test: LDFLAGS += -Wl,--wrap=sqlite3_open_v2

$(B)/tests/unit/host_combined_test: LDFLAGS += $(addprefix -Wl$(comma)--wrap=family_,open close error source samples)

$(B)/tests/unit/wire_golden_test $(B)/tests/unit/seal_test: $(B)/tests/unit/wire_samples.o

$(HOST_PROGRAMS): $(B)/%: $(B)/%.o $(B)/shipper.a $(B)/host.a $(B)/lib.a
	$(say) LINK $@
	$(call link,$(SHIPPER_PKGS) $(LIB_PKGS))

$(GUEST_PROGRAMS): $(B)/%: %.c $(FLAGS) $(wildcard tests/selftests/*.h include/uapi/linux/*.h)
	$(say) CC $<
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -static -o $@ $< -pthread

$(B)/bench/ring $(B)/bench/ring_use $(B)/bench/ship_ring: $(B)/bench/%: $(B)/bench/%.o $(B)/lib.a
	$(Q)$(CC) $(CFLAGS) -static -o $@ $^

$(NETLINK_PROGRAMS): $(B)/%: $(B)/%.o $(B)/lib.a
	$(say) LINK $@
	$(call link,$(GENL_PKGS) $(LIB_PKGS))

# What bench/tc.sh calls.
$(B)/bench/tc/measure: $(B)/bench/tc/measure.o
	$(say) LINK $@
	$(call link,$(SHIPPER_PKGS))
$(B)/bench/tc/flood: $(B)/bench/tc/flood.o
	$(Q)$(CC) $(CFLAGS) -static -o $@ $^
$(B)/bench/tc/head: $(B)/bench/tc/head.o $(B)/lib.a
	$(say) LINK $@
	$(call link,$(SHIPPER_PKGS) $(LIB_PKGS))
$(B)/bench/process: $(B)/bench/process.o $(B)/host.a $(B)/lib.a
	$(say) LINK $@
	$(call link,$(SHIPPER_PKGS) $(LIB_PKGS))
$(B)/bench/collect $(B)/bench/query $(B)/bench/watch: $(B)/bench/%: $(B)/bench/%.o $(B)/bench/feeds/fleet.o $(B)/collector.a $(B)/lib.a
	$(say) LINK $@
	$(call link,$(COLLECTOR_PKGS) $(LIB_PKGS))
$(B)/bench/collect_feed: $(B)/bench/collect_feed.o $(B)/bench/feeds/fleet.o $(B)/bench/feeds/fleet_wires.o $(B)/lib.a
	$(say) LINK $@
	$(call link,$(LIB_PKGS))
$(B)/bench/storm: $(B)/bench/storm.o $(B)/lib.a
	$(say) LINK $@
	$(call link,$(LIB_PKGS))
$(B)/bench/web: $(B)/bench/web.o $(B)/lib.a
	$(say) LINK $@
	$(call link,gnutls $(LIB_PKGS))
$(B)/bench/send: $(B)/bench/send.o
	$(call link,liburing)
$(B)/bench/wire: $(patsubst %.c,$(B)/%.o,bench/wire.c $(filter-out %/fleet.c %/fleet_wires.c %/whole.c,$(wildcard bench/feeds/*.c))) $(B)/lib.a
	$(call link,$(LIB_PKGS)) -lm

# The collector with ThreadSanitizer, for tests/e2e/threads_test.sh.
.PHONY: tsan check-threads
tsan:
	$(Q)$(MAKE) B=$(B)/tsan CFLAGS='-O1 -g -fsanitize=thread -Wno-tsan' $(B)/tsan/ktach-collector

check-threads: all test-programs ## the collector's threads under ThreadSanitizer; takes two minutes
	$(Q)LONG=1 B=$(B) tests/run tests/e2e/threads_test.sh

# Files of host/'s collectors going wrong, under sanitizers.
FAULTY := open openat pread statvfs
SANITIZE := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
FAULTY_OBJS := $(patsubst %.c,$(B)/sanitized/%.o,$(call sources,host) $(call sources,lib) $(wildcard tests/host/*.c))

$(B)/sanitized/%.o: %.c $(FLAGS)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(filter-out $(CFLAGS),$(ALL_CFLAGS)) $(SANITIZE) $(call pkg,--cflags,$(ALL_PKGS)) -c $< -o $@

$(FAULTY_OBJS): | $(BPF_SKEL)

$(B)/tests/host/faulty: $(FAULTY_OBJS)
	$(say) LINK $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^ $(FAULTY:%=-Wl,--wrap=%) $(call pkg,--libs,$(LIB_PKGS) $(GENL_PKGS) $(SHIPPER_PKGS)) -pthread -lm

# Whole connections to the collector's HTTP server and to its feed, under sanitizers.
SANITIZED_COLLECTOR := $(patsubst %.c,$(B)/sanitized/%.o,$(filter-out %/main.c,$(call sources,collector)))
WHOLE := $(B)/tests/fuzz/http/connections $(B)/tests/fuzz/feed/streams $(B)/tests/fuzz/redis/questions
SANITIZED_LIB_OBJS := $(LIB_OBJS:$(B)/%=$(B)/sanitized/%)
$(B)/sanitized/lib.a: $(SANITIZED_LIB_OBJS)
$(WHOLE): $(SANITIZED_COLLECTOR) $(COLLECTOR_TEXTS) $(PAGE) $(B)/sanitized/lib.a
	$(say) LINK $@
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(SANITIZE) -o $@ $^ $(HASTE:%=-Wl,--wrap=%) $(call pkg,--libs,$(LIB_PKGS) $(COLLECTOR_PKGS)) -lwslay -pthread -lm
$(B)/tests/fuzz/http/connections: $(patsubst %.c,$(B)/sanitized/%.o,$(wildcard tests/fuzz/http/*.c))
$(B)/tests/fuzz/feed/streams: $(patsubst %.c,$(B)/sanitized/%.o,$(wildcard tests/fuzz/feed/*.c))
$(B)/tests/fuzz/redis/questions: $(patsubst %.c,$(B)/sanitized/%.o,$(wildcard tests/fuzz/redis/*.c))
$(B)/tests/fuzz/redis/questions: HASTE := clock_gettime nanosleep poll

# What looks after agents, under sanitizers.
SANITIZED_AGENTD := $(patsubst %.c,$(B)/sanitized/%.o,$(filter-out %/main.c %/generator.c,$(call sources,agentd)))
$(B)/sanitized/ktach-agentd: $(B)/sanitized/agentd/main.o
$(B)/sanitized/ktach-agent-generator: $(B)/sanitized/agentd/generator.o
$(B)/sanitized/ktach-agentd $(B)/sanitized/ktach-agent-generator: $(SANITIZED_AGENTD) $(B)/sanitized/lib.a
	$(say) LINK $@
	$(Q)$(CC) $(SANITIZE) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(call pkg,--libs,$(LIB_PKGS) $(AGENTD_PKGS)) -pthread -lm

# --- fuzzing --------------------------------------------------------------
# With clang's libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer.
FUZZERS := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/*_fuzz.c))
FUZZ_S ?= 300

fuzz_objects = $(patsubst %.c,$(B)/fuzz/objects/%.o,$(1))
FUZZED := $(call fuzz_objects,$(wildcard lib/wire/*.c) tests/unit/wire_samples.c)
FUZZED_CHUNK := $(call fuzz_objects,lib/base/clean.c $(wildcard collector/history/chunk/*.c))
FUZZED_TOKEN := $(call fuzz_objects,collector/login/login.c collector/login/login_key.c $(wildcard lib/base/*.c))
FUZZED_RULES := $(call fuzz_objects,$(addprefix collector/alarms/,rules_read.c rules_index.c rule.c draft.c) \
	$(foreach d,figures nodes base,$(wildcard collector/$(d)/*.c)) $(filter-out tables/print.c,$(wildcard tables/*.c)) $(wildcard lib/base/*.c))
FUZZED_INCIDENT := $(call fuzz_objects,collector/incidents/decode.c)
FUZZED_REMOTE := $(call fuzz_objects,lib/base/labels.c $(addprefix collector/remote/,request.c matchers.c labels.c))
FUZZED_LINK := $(call fuzz_objects,host/link/link_message.c host/link/link_table.c)
# Collectors of host/ get the bytes from tests/host's layer.
FUZZED_HOST := $(call fuzz_objects,$(call sources,host) $(call sources,lib) tests/host/faults.c)
FUZZ_OBJS := $(sort $(FUZZED) $(FUZZED_CHUNK) $(FUZZED_INCIDENT) $(FUZZED_REMOTE) $(FUZZED_HOST) $(FUZZED_TOKEN) $(FUZZED_RULES) $(call fuzz_objects,$(wildcard tests/fuzz/*_fuzz.c)))

$(B)/fuzz/objects/%.o: %.c $(FLAGS)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) $(filter-out $(CFLAGS),$(ALL_CFLAGS)) -g -O1 -w -fsanitize=fuzzer-no-link,address,undefined \
		-fno-sanitize-recover=undefined $(call pkg,--cflags,$(LIB_PKGS) $(GENL_PKGS) $(SHIPPER_PKGS)) -c $< -o $@

$(FUZZED_HOST): | $(BPF_SKEL)
$(FUZZED_REMOTE) $(B)/fuzz/objects/tests/fuzz/remote_fuzz.o: | $(PROTOCOLS)

$(B)/fuzz/chunk_fuzz: $(FUZZED_CHUNK)
$(B)/fuzz/incident_fuzz: $(FUZZED_INCIDENT)
$(B)/fuzz/link_fuzz: $(FUZZED_LINK)
$(B)/fuzz/remote_fuzz: $(FUZZED_REMOTE) $(B)/collector/remote/remote.pb-c.o
$(B)/fuzz/token_fuzz: $(FUZZED_TOKEN)
$(B)/fuzz/rules_fuzz: $(FUZZED_RULES) $(B)/collector/alarms/default.o
$(B)/fuzz/host_fuzz: $(FUZZED_HOST)
$(B)/fuzz/host_fuzz: LDFLAGS += $(FAULTY:%=-Wl,--wrap=%)
$(B)/fuzz/%: $(B)/fuzz/objects/tests/fuzz/%.o $(FUZZED)
	$(say) FUZZ $@
	$(Q)$(CLANG) -fsanitize=fuzzer,address,undefined $(LDFLAGS) -o $@ $^ \
		$(call pkg,--libs,$(LIB_PKGS) $(GENL_PKGS) $(SHIPPER_PKGS) libzstd jansson libpcre2-8 libprotobuf-c snappy) -pthread -lm

.PHONY: fuzzers fuzz
fuzzers: $(FUZZERS)

# CONNECTIONS= of the HTTP server: as many in process, a tenth of it over TCP; and of the
# feed.
CONNECTIONS ?= 1000000
fuzz: $(FUZZERS) ## fuzz the HTTP server, the feed, the codec, tokens, rules, remote read and the parsers of /proc and /sys, FUZZ_S=300 seconds each; what is new stays in build/fuzz
	$(Q)$(foreach f,$(FUZZERS),mkdir -p $(f).corpus && $(f) -max_total_time=$(FUZZ_S) -max_len=8192 \
		-artifact_prefix=$(B)/fuzz/ $(f).corpus tests/fuzz/corpus/$(notdir $(f)) &&) true
	$(Q)CONNECTIONS=$(CONNECTIONS) B=$(B) tests/run tests/fuzz/connections_test.sh tests/fuzz/streams_test.sh tests/fuzz/questions_test.sh

.PHONY: script-programs test-programs check-only check-mutants mutate check-full check-damage check-power check-fleet check-debug check-fuzz check-net check-torture check-return check-possible check-rings check-watch kunit matrix
script-programs: $(HOST_PROGRAMS) $(GUEST_PROGRAMS) $(NETLINK_PROGRAMS) $(B)/tests/host/faulty
test-programs: $(UNIT_TESTS) script-programs $(WHOLE)

# The long ones first: tests/run knows which they are only once they have run.
LONG_ONES := $(addprefix tests/,fuzz/fuzz_test.sh e2e/faults_test.sh vm/ring_test.sh vm/netlink_test.sh e2e/page_test.sh \
	host/faults_test.sh e2e/threads_test.sh e2e/attack_test.sh lint.sh e2e/rekey_test.sh)
TESTS ?= $(LONG_ONES) $(filter-out $(LONG_ONES),$(sort $(foreach f,vm selftests fuzz host field e2e watch,$(wildcard tests/$(f)/*_test.sh)))) \
	tests/packaging/install_test.sh tests/packaging/every_test.sh tests/packaging/services_test.sh $(UNIT_TESTS)

# What is installed first decides what the rest of the Makefile finds.
check: ## install what the tests need, build, run all tests; needs root for some of them
	$(Q)sh scripts/deps.sh check
	$(Q)$(MAKE) -j$$(nproc) all test-programs
	$(Q)$(MAKE) check-only

check-only: all test-programs ## run all tests with what is installed; TESTS= chooses
	$(Q)AGAIN=1 B=$(B) tests/run $(TESTS)

check-mutants: ## put in known faults one by one; show which test catches each
	$(Q)sh scripts/deps.sh check
	$(Q)B=$(B) tests/mutants/run $(MUTANTS)

# AREAS= folders, all programs without; JOBS= at once.
mutate: all test-programs ## put in COUNT= random faults an area, one by one (SEED= the same again); show how many are caught
	$(Q)sh scripts/deps.sh check
	$(Q)B=$(B) tests/mutate/run --count $(or $(COUNT),20) $(if $(SEED),--seed $(SEED)) $(if $(JOBS),--jobs $(JOBS)) $(if $(UNITS),--units) $(AREAS)

# Kernels and chroots that these make stay in the cache.
check-full: ## the long checks, after check: known faults, package and services, memory, larger guests, KUnit, header probes
	$(Q)sh scripts/deps.sh full
	$(Q)$(MAKE) all test-programs
	$(Q)AGAIN=1 B=$(B) MUTANT_JOBS=2 LONG=1 tests/run tests/mutants/run tests/unit/order_test.sh tests/long/book_copy.sh tests/e2e/revoke_test.sh tests/e2e/doors_test.sh tests/e2e/alarms_kept_test.sh tests/e2e/webhook_test.sh tests/e2e/alertmanager_test.sh tests/e2e/page_test.sh \
		tests/lint.sh tests/host/faults_test.sh tests/fuzz/fuzz_test.sh tests/selftests/dkms_test.sh tests/selftests/net_many_test.sh tests/packaging/units_test.sh tests/packaging/deb_test.sh tests/vm/cpus.sh \
		tests/vm/netlink_many.sh tests/vm/torture.sh tests/vm/inspector.sh tests/kunit/run.sh tests/vm/compat.sh tests/long/memcheck.sh tests/long/collector_memcheck.sh tests/long/day.sh tests/long/pong.sh tests/long/bits.sh tests/long/shipper_dies.sh tests/field/values_test.sh tests/field/agree_test.sh tests/field/ledger_test.sh tests/field/between_test.sh tests/long/screens.sh tests/long/grafana.sh tests/long/http3.sh
	$(Q)AGAIN=1 B=$(B) GUEST_KERNEL=trixie-backports tests/run tests/vm/idle_test.sh
	$(Q)AGAIN=1 B=$(B) tests/run tests/agents/agents_test.sh

check-damage: ## what is on disk goes wrong: 20 bits in each place, 20 power cuts of a guest, 100 kills of each daemon, memory, disks; takes 20 minutes
	$(Q)sh scripts/deps.sh check
	$(Q)$(MAKE) all test-programs
	$(Q)B=$(B) LONG=1 DAMAGE=1 JOBS=1 tests/run tests/long/bits.sh tests/long/power.sh tests/long/shipper_dies.sh \
		tests/e2e/damage_test.sh tests/e2e/disk_full_test.sh tests/e2e/faults_test.sh

CUTS ?= 20
check-power: ## the power of a guest fails CUTS=20 times, while its collector and shipper write to its disk; takes 6 minutes
	$(Q)sh scripts/deps.sh check
	$(Q)$(MAKE) all test-programs
	$(Q)B=$(B) LONG=1 CUTS=$(CUTS) tests/run tests/long/power.sh

check-agents: ## agents under a real systemd, in a container that boots twice: what misbehaves, what is killed, what is away; takes two minutes
	$(Q)sh scripts/deps.sh check
	$(Q)$(MAKE) programs
	$(Q)B=$(B) tests/run tests/agents/agents_test.sh tests/agents/afar_test.sh

check-watch: ## what default rules are about is planted on this host and on a machine of files: each fires, says so, and is over; takes 1 minute
	$(Q)sh scripts/deps.sh check
	$(Q)$(MAKE) all test-programs
	$(Q)B=$(B) LONG=1 tests/run tests/watch/planted_test.sh

# ROUNDS= of kills of each kind.
check-fleet: ## the history on Redis, on a cluster of nine, and of three collectors with etcd: all are killed, hang, move; takes 14 minutes
	$(Q)sh scripts/deps.sh check
	$(Q)$(MAKE) all test-programs
	$(Q)AGAIN=1 B=$(B) TIME_LIMIT=3600 tests/run tests/e2e/redis_test.sh tests/long/redis.sh tests/long/redis_cluster.sh tests/long/fleet.sh

kunit: ## run the modules' KUnit tests in a UML kernel; COVERAGE=1 shows which lines ran
	$(Q)sh scripts/deps.sh full
	$(Q)B=$(B) bash tests/kunit/run.sh $(if $(COVERAGE),--coverage)

matrix: ## build, boot and test the modules on every kernel that Debian has; takes 6 to 15 minutes
	$(Q)sh scripts/deps.sh full
	$(Q)$(MAKE) test-programs
	$(Q)B=$(B) bash tests/vm/matrix.sh $(KERNELS)

# FAULTS=1 also lets allocations fail while the modules load.
check-debug: ## the modules under KASAN, lockdep and kmemleak, with 4 CPUs and with 255 possible ones; takes 10 minutes
	$(Q)sh scripts/deps.sh full
	$(Q)$(MAKE) test-programs
	$(Q)B=$(B) FAULTS=$(or $(FAULTS),0) tests/run tests/vm/debug.sh

NET_TESTS ?= attach_test burst_test test links_test many_test idle
check-net: ## the tests of packet counters, interfaces and processes in guests with Debian's 6.1 and 7.x; takes 15 minutes
	$(Q)sh scripts/deps.sh full
	$(Q)$(MAKE) test-programs
	$(Q)GUEST_LIMIT=2400 GUEST_TESTS="$(NET_TESTS)" B=$(B) tests/run tests/vm/net.sh
	$(Q)GUEST_LIMIT=2400 GUEST_TESTS="$(NET_TESTS)" B=$(B) GUEST_KERNEL=trixie-backports tests/run tests/vm/net.sh
	$(Q)B=$(B) tests/run tests/vm/host.sh
	$(Q)B=$(B) GUEST_KERNEL=trixie-backports tests/run tests/vm/host.sh

# SECONDS_TORTURE= of each of two guests; GUEST_KERNEL=debug: under KASAN.
check-torture: ## change all that can be changed in the modules while all is asked that can be, and hold each step against /proc/stat; takes 10 minutes
	$(Q)sh scripts/deps.sh full
	$(Q)$(MAKE) test-programs
	$(Q)B=$(B) SECONDS_TORTURE=$(or $(SECONDS_TORTURE),240) tests/run tests/vm/torture.sh

# RETURNS= of each period.
check-return: ## take CPUs away, bring them back and suspend, 50 times at four periods, on Debian's 6.1 and 6.12; takes 15 minutes
	$(Q)sh scripts/deps.sh full
	$(Q)$(MAKE) test-programs
	$(Q)B=$(B) tests/run tests/vm/return.sh
	$(Q)B=$(B) GUEST_KERNEL="bookworm 6.12-$(shell dpkg --print-architecture)" tests/run tests/vm/return.sh

# SECONDS_RINGS= of comparing; RETURNS= of a CPU.
check-rings: ## rings that BPF fills beside the modules' and /proc, CPUs that go and come, on Debian's 6.1, 6.12 and 7.x; takes 25 minutes
	$(Q)sh scripts/deps.sh full
	$(Q)$(MAKE) test-programs
	$(Q)B=$(B) tests/run tests/vm/rings.sh
	$(Q)B=$(B) GUEST_KERNEL="bookworm 6.12-$(shell dpkg --print-architecture)" tests/run tests/vm/rings.sh
	$(Q)B=$(B) GUEST_KERNEL=trixie-backports tests/run tests/vm/rings.sh

check-possible: ## the modules' defaults with 2048 and 8192 possible CPUs
	$(Q)sh scripts/deps.sh full
	$(Q)$(MAKE) test-programs
	$(Q)B=$(B) tests/run tests/vm/possible.sh

# SUITES= of Debian; the clean ones that it makes stay in the cache.
.PHONY: check-packages
check-packages: ## build the packages in clean Debians, install, boot, upgrade and purge them under systemd; takes 10 minutes
	$(Q)sh scripts/deps.sh full
	$(Q)$(MAKE) all test-programs
	$(Q)B=$(B) tests/run tests/packaging/install_test.sh tests/packaging/packages_test.sh

.PHONY: image check-image
image: programs ## make OCI images of shipper and collector in build/image, without a daemon; needs root
	$(Q)B=$(B) packaging/image.sh shipper
	$(Q)B=$(B) packaging/image.sh collector

check-image: ## the images, and deploy/kubernetes as podman plays it in a clean Debian 13; takes five minutes
	$(Q)sh scripts/deps.sh full
	$(Q)$(MAKE) programs
	$(Q)B=$(B) tests/run tests/packaging/image_test.sh

.PHONY: bench-ship-ring
bench-ship-ring: bench-ship_ring

bench-%: bench/%.sh ## measure against the common way in one run; bench-ring
	$(Q)sh scripts/deps.sh full
	$(Q)+$(MAKE) all test-programs $(patsubst %.c,$(B)/%,$(wildcard bench/$*.c bench/$*_use.c))
	$(Q)B=$(B) bash $<

# FUZZ_COUNT= sends fewer.
check-fuzz: ## the netlink family under KASAN, and a million random requests to it; takes an hour
	$(Q)sh scripts/deps.sh full
	$(Q)$(MAKE) test-programs
	$(Q)B=$(B) tests/run tests/vm/netlink_debug.sh

include packaging/install.mk

lint: ## hold the code to its rules: layers, checkpatch, sparse, clang-format
	$(Q)B=$(B) LONG=1 tests/run tests/lint.sh

demo: ## show live figures of this host in a browser; VM=1: of a guest with the modules
	$(Q)sh scripts/deps.sh $(if $(VM),demo-vm,demo)
	$(Q)$(MAKE) $(if $(VM),all test-programs,programs)
	$(Q)B=$(B) bash scripts/demo.sh $(if $(VM),--vm)

deps: ## install what building and testing need, from Debian's packages
	$(Q)sh scripts/deps.sh check

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z%-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "  V=1 shows commands; build/ takes everything that is made."

clean: ## remove what was made
	$(Q)rm -rf $(B)

-include $(B)/tables/print.d $(patsubst %.o,%.d,$(LIB_OBJS) $(HOST_OBJS) $(SHIPPER_OBJS) $(COLLECTOR_OBJS) $(AGENTD_OBJS) $(KTACH_OBJS)) $(BPF_SKEL:.skel.h=.bpf.d) $(patsubst %.c,$(B)/%.d,$(wildcard tests/unit/*.c)) $(HOST_PROGRAMS:=.d) $(NETLINK_PROGRAMS:=.d) $(FAULTY_OBJS:.o=.d) $(SANITIZED_COLLECTOR:.o=.d) $(SANITIZED_AGENTD:.o=.d) $(B)/sanitized/agentd/main.d $(B)/sanitized/agentd/generator.d $(patsubst %.c,$(B)/sanitized/%.d,$(wildcard tests/fuzz/http/*.c tests/fuzz/feed/*.c tests/fuzz/redis/*.c)) $(SANITIZED_LIB_OBJS:.o=.d) $(FUZZ_OBJS:.o=.d) $(patsubst %.c,$(B)/%.d,$(wildcard bench/*.c bench/*/*.c))
