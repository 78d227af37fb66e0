# SPDX-License-Identifier: GPL-2.0-or-later
# The page, built into an object: $(B)/web/assets.o. Read by the Makefile.
# A source package brings uPlot in web/uplot; else npm fetches it.

WEB_FILES := $(wildcard web/*.html web/*.css web/*.js web/*.svg)

$(B)/web/.installed: web/package.json web/package-lock.json web/.npmrc
	$(say) NPM web
	$(Q)mkdir -p $(@D)
	$(Q)cp $^ $(@D)/
	$(Q)$(if $(wildcard web/uplot),rm -rf $(@D)/node_modules && mkdir $(@D)/node_modules && cp -r web/uplot $(@D)/node_modules/, \
		cd $(@D) && npm ci --ignore-scripts --silent)
	$(Q)touch $@

$(B)/web/book.js: $(B)/tables/print
	$(Q)mkdir -p $(@D)
	$(Q)$< page >$@

$(B)/web/assets.c: web/embed.sh web/squeeze.mjs $(WEB_FILES) $(B)/web/book.js $(B)/web/.installed
	$(say) EMBED $@
	$(Q)sh web/embed.sh $(@D)

$(B)/web/assets.o: $(B)/web/assets.c collector/api/assets.h
	$(say) CC $<
	$(Q)$(CC) $(ALL_CFLAGS) -c $< -o $@
