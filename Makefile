# GNU make, one file. `make setup demo` and `make setup check` are the two
# commands to know. Variables: DEBUG=1, SANITIZE=address|thread, V=1, PREFIX,
# DESTDIR, CC, CFLAGS. Each variant has a folder of its own under build/.

PREFIX ?= /usr/local
MANDIR ?= $(PREFIX)/share/man
DESTDIR ?=
VERSION := 0.1.0
CFLAGS ?= -O2 -g
SANITIZE ?=
DEBUG ?=
PKG_CONFIG ?= pkg-config
PKGS := ncursesw yaml-0.1 openssl libcares jansson libidn2 libcurl expat

variant := $(or $(SANITIZE),$(if $(DEBUG),debug),release)
B := build/$(variant)
Q := $(if $(V),,@)
comma := ,

WARN := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wformat=2 -Wwrite-strings -Wundef -Wvla $(WERROR)
san_address := -fsanitize=address$(comma)undefined \
	-fno-sanitize-recover=undefined -fno-omit-frame-pointer
san_thread := -fsanitize=thread
san := $(san_$(SANITIZE))
build_date := $(shell date -u -d "@$${SOURCE_DATE_EPOCH:-$$(date +%s)}" \
	+%Y-%m-%d 2>/dev/null || date -u +%Y-%m-%d)

# Recursive on purpose: asked only when something is built, after `setup`.
BASE_CFLAGS = -std=c17 -D_GNU_SOURCE -pthread $(WARN) \
	$(if $(DEBUG),-O0 -g3,$(CFLAGS)) $(san) $(CPPFLAGS)
ALL_CFLAGS = $(BASE_CFLAGS) $(shell $(PKG_CONFIG) --cflags $(PKGS))
ALL_LIBS = $(LDFLAGS) $(san) -pthread $(shell $(PKG_CONFIG) --libs $(PKGS))
# For the report: what was built with.
libraries = $(shell for p in $(PKGS); do \
	printf '%s %s,' $$p "$$($(PKG_CONFIG) --modversion $$p)"; done)

srcs := $(wildcard probes/*.c probes/*/*.c wizard/*.c wizard/*/*.c)
lib_objs := $(patsubst %.c,$B/%.o,$(filter-out wizard/main.c,$(srcs))) \
	$B/builtin.o
data := $(sort $(wildcard playbooks/*.yaml playbooks/*/*.yaml))
unit_bins := $(patsubst tests/unit/%.c,$B/tests/unit/%,\
	$(wildcard tests/unit/test_*.c))
fuzz_names := $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))

all: $B/smtpwiz
	$(Q)ln -sf $B/smtpwiz smtpwiz

$B/wizard/versions.o: BASE_CFLAGS += -DLIBRARIES='"$(libraries)"'

$B/smtpwiz: $B/wizard/main.o $B/libsmtpwiz.a
	@echo "  LINK $@"
	$(Q)$(CC) -o $@ $^ $(ALL_LIBS)

$B/libsmtpwiz.a: $(lib_objs)
	$(Q)rm -f $@ && $(AR) qcs $@ $^

$B/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC   $<"
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -DVERSION='"$(VERSION)"' \
		-DBUILD_DATE='"$(build_date)"' -c -o $@ $<

# Playbooks, knowledge and lab scenarios, compiled in.
$B/builtin.c: $(data) tests/tools/embed
	@mkdir -p $(@D)
	$(Q)tests/tools/embed $(data) > $@.new && mv $@.new $@
$B/builtin.o: $B/builtin.c
	$(Q)$(CC) $(ALL_CFLAGS) -I. -c -o $@ $<

# ---- the two commands ----------------------------------------------------
setup:
	$(Q)tests/tools/setup $(if $(filter check% lint fuzz bench,\
		$(MAKECMDGOALS)),check)

# Exit status 1 says that a cause was named: that is what a demo is for.
demo: all
	$(Q)./smtpwiz demo port-587-blocked || test $$? -eq 1

# ---- tests ---------------------------------------------------------------
$B/tests/unit/%: tests/unit/%.c $B/libsmtpwiz.a
	@mkdir -p $(@D)
	@echo "  TEST $<"
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -I. -MMD -MP -o $@ $< \
		$B/libsmtpwiz.a $(ALL_LIBS) -lcmocka
$B/protocol: tests/tools/protocol.c $B/libsmtpwiz.a
	$(Q)$(CC) $(ALL_CFLAGS) -I. -MMD -MP -o $@ $< $B/libsmtpwiz.a $(ALL_LIBS)
$B/fuzz/replay_%: tests/fuzz/fuzz_%.c tests/fuzz/replay.c $B/libsmtpwiz.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -Wno-missing-prototypes -I. -o $@ \
		tests/fuzz/fuzz_$*.c tests/fuzz/replay.c $B/libsmtpwiz.a $(ALL_LIBS)

test_bins = all $(unit_bins) $B/protocol $(fuzz_names:%=$B/fuzz/replay_%)
RUN := B=$B /usr/bin/python3 tests/tools/run
check: $(test_bins)
	$(Q)$(RUN) unit fuzz playbooks protocol lab tui
check-unit: $(unit_bins)
	$(Q)$(RUN) unit
check-protocol: all $B/protocol
	$(Q)$(RUN) protocol lab
check-playbooks: $(test_bins)
	$(Q)$(RUN) playbooks
check-tui: all
	$(Q)$(RUN) tui
check-servers: all
	$(Q)tests/servers/run
bench: all $B/bench/rusage
	$(Q)B=$B tests/bench/run
$B/bench/rusage: tests/bench/rusage.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(BASE_CFLAGS) -o $@ $<

# Each target SECONDS long (default 600) with clang's libFuzzer.
SECONDS ?= 600
fuzz:
	$(Q)SECONDS_EACH=$(SECONDS) tests/fuzz/run $(fuzz_names)
fuzz_srcs: ; @echo $(filter-out wizard/main.c,$(srcs))

lint:
	$(Q)tests/tools/lint

format:
	$(Q)clang-format -i $$(git ls-files '*.c' '*.h')

# ---- installing ----------------------------------------------------------
install: all
	install -D -m 755 $B/smtpwiz $(DESTDIR)$(PREFIX)/bin/smtpwiz
	for m in man/*.[157]; do install -D -m 644 $$m \
		$(DESTDIR)$(MANDIR)/man$${m##*.}/$${m##*/}; done
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/smtpwiz
	for m in man/*.[157]; do \
		rm -f $(DESTDIR)$(MANDIR)/man$${m##*.}/$${m##*/}; done
dist:
	git archive --prefix=smtpwiz-$(VERSION)/ -o smtpwiz-$(VERSION).tar.gz HEAD
clean:
	rm -rf build smtpwiz

-include $(shell find $B -name '*.d' 2>/dev/null)
.PHONY: all setup demo check check-unit check-protocol check-playbooks \
	check-tui check-servers bench fuzz fuzz_srcs lint format install \
	uninstall dist clean
.SECONDARY:
