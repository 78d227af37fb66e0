# SPDX-License-Identifier: GPL-2.0-or-later
# Where files go: for packages and for 'make install'. Read by the Makefile.

DESTDIR ?=
PREFIX ?= /usr/local
BINDIR := $(DESTDIR)$(PREFIX)/bin
SBINDIR := $(DESTDIR)$(PREFIX)/sbin
LIBDIR := $(DESTDIR)$(PREFIX)/lib
SHAREDIR := $(DESTDIR)$(PREFIX)/share
ETCDIR := $(DESTDIR)/etc/ktach
JOURNAL_CONF := $(DESTDIR)/etc/systemd/journald@ktach-agents.conf
INSTALL_FILE := install -D -m 644
INSTALL_PROGRAM := install -D -m 755

# What is named by its place in /usr is where PREFIX is.
install_unit = sed -E 's,/usr/(sbin|lib/ktach)/,$(PREFIX)/\1/,' packaging/systemd/$(1).service | $(INSTALL_FILE) /dev/stdin $(LIBDIR)/systemd/system/$(1).service
install_man = $(INSTALL_FILE) docs/man/$(1).$(2) $(SHAREDIR)/man/man$(2)/$(1).$(2)
install_completion = $(INSTALL_FILE) packaging/completion/ktach.bash $(SHAREDIR)/bash-completion/completions/$(1); \
	$(INSTALL_FILE) packaging/completion/ktach.zsh $(SHAREDIR)/zsh/$(ZSH_FOLDER)/_$(1)
ZSH_FOLDER ?= site-functions

.PHONY: install uninstall install-ktach install-common install-enroll install-shipper install-collector install-agentd install-services

install-ktach:
	$(Q)$(INSTALL_PROGRAM) $(B)/bin/ktach $(BINDIR)/ktach
	$(Q)$(call install_man,ktach,1)
	$(Q)$(call install_completion,ktach)

install-common:
	$(Q)$(INSTALL_PROGRAM) packaging/systemd/ktach-adopt $(LIBDIR)/ktach/ktach-adopt
	$(Q)$(call install_man,ktach.conf,5)

install-shipper install-collector: install-%:
	$(Q)$(INSTALL_PROGRAM) $(B)/ktach-$* $(SBINDIR)/ktach-$*
	$(Q)$(call install_man,ktach-$*,8)
	$(Q)$(call install_completion,ktach-$*)

install-shipper: install-enroll
install-enroll:
	$(Q)$(INSTALL_PROGRAM) packaging/systemd/ktach-every $(LIBDIR)/ktach/ktach-every
	$(Q)$(INSTALL_PROGRAM) $(B)/ktach-enroll $(LIBDIR)/ktach/ktach-enroll

# Packages have these by debhelper, which knows where each release wants them.
install-services:
	$(Q)$(foreach s,shipper collector,$(call install_unit,ktach-$(s)); \
		$(INSTALL_FILE) packaging/systemd/ktach-$(s).sysusers $(LIBDIR)/sysusers.d/ktach-$(s).conf; \
		$(INSTALL_FILE) packaging/systemd/ktach-$(s).tmpfiles $(LIBDIR)/tmpfiles.d/ktach-$(s).conf; \
		[ -e $(ETCDIR)/$(s).conf ] || $(INSTALL_FILE) packaging/systemd/$(s).conf $(ETCDIR)/$(s).conf;)
	$(Q)$(call install_unit,ktach-agentd)
	$(Q)[ -e $(ETCDIR)/agentd.conf ] || $(INSTALL_FILE) packaging/systemd/agentd.conf $(ETCDIR)/agentd.conf
	$(Q)[ -e $(JOURNAL_CONF) ] || $(INSTALL_FILE) packaging/systemd/journald-ktach-agents.conf $(JOURNAL_CONF)
	$(Q)$(INSTALL_FILE) packaging/debian/ktach-dkms.udev $(LIBDIR)/udev/rules.d/60-ktach.rules

install-agentd:
	$(Q)$(INSTALL_PROGRAM) $(B)/ktach-agentd $(SBINDIR)/ktach-agentd
	$(Q)$(INSTALL_PROGRAM) $(B)/ktach-agent-generator $(LIBDIR)/systemd/system-generators/ktach-agent-generator
	$(Q)$(call install_man,ktach-agentd,8)
	$(Q)$(call install_man,ktach-agent.conf,5)
	$(Q)install -d $(ETCDIR)/agents.d

install: programs ## install programs, units, man pages and completion; DESTDIR= PREFIX=/usr/local
	$(Q)$(MAKE) install-ktach install-common install-shipper install-collector install-agentd install-services
	$(if $(DESTDIR),,$(Q)echo "ktach: 'systemd-sysusers && systemd-tmpfiles --create ktach-shipper.conf ktach-collector.conf && systemctl daemon-reload' makes the users and folders")

# What is in /etc and /var stays: configuration, keys, history.
uninstall: ## remove what 'make install' installed, with the same DESTDIR= PREFIX=
	$(Q)rm -f $(BINDIR)/ktach $(foreach s,ktach ktach-shipper ktach-collector,\
		$(SHAREDIR)/bash-completion/completions/$(s) $(SHAREDIR)/zsh/$(ZSH_FOLDER)/_$(s)) \
		$(foreach s,shipper collector,$(SBINDIR)/ktach-$(s) $(SHAREDIR)/man/man8/ktach-$(s).8 \
		$(LIBDIR)/systemd/system/ktach-$(s).service $(LIBDIR)/sysusers.d/ktach-$(s).conf $(LIBDIR)/tmpfiles.d/ktach-$(s).conf) \
		$(SHAREDIR)/man/man1/ktach.1 $(SHAREDIR)/man/man5/ktach.conf.5 \
		$(LIBDIR)/ktach/ktach-adopt $(LIBDIR)/ktach/ktach-enroll $(LIBDIR)/ktach/ktach-every $(LIBDIR)/udev/rules.d/60-ktach.rules \
		$(SBINDIR)/ktach-agentd $(LIBDIR)/systemd/system-generators/ktach-agent-generator $(LIBDIR)/systemd/system/ktach-agentd.service \
		$(SHAREDIR)/man/man8/ktach-agentd.8 $(SHAREDIR)/man/man5/ktach-agent.conf.5
	$(Q)rmdir $(LIBDIR)/ktach 2>/dev/null || true

# --- packages -------------------------------------------------------------
.PHONY: deb repo
# SUITE= builds in a clean Debian of that release; without, here and for this one.
deb: ## build the Debian packages into build/deb/; SUITE=bookworm or trixie: in a clean one, which needs root
	$(Q)sh scripts/deps.sh deb
	$(Q)$(MAKE) $(B)/web/.installed
	$(Q)B=$(B) packaging/deb.sh $(SUITE)

# REPO= is a folder that hosts fetch from; SIGN= a key of gpg's.
repo: ## add the packages of build/deb/ to a signed apt repository; REPO=folder SIGN=key
	$(Q)B=$(B) packaging/repo.sh "$(REPO)" "$(SIGN)"
