# SPDX-License-Identifier: GPL-2.0-only
# make help tells what there is. The module's own build is in Kbuild, the client's in client/Makefile.

PREFIX ?= /usr/local
headers := /lib/modules/$(shell uname -r)/build
# Headers that were asked for must be there.
need_headers := $(KDIR)
KDIR ?= $(headers)

release = $(shell cat $(KDIR)/include/config/kernel.release 2>/dev/null)
modules = $(DESTDIR)/lib/modules/$(release)/updates
bin = $(DESTDIR)$(PREFIX)/bin
share = $(DESTDIR)$(PREFIX)/share

man := $(wildcard client/man/*.[1-9])
bash_completion := $(wildcard client/completion/*.bash)
# What the client installs below share, as SOURCE:TARGET.
shared := $(foreach f,$(man),$(f):man/man$(subst .,,$(suffix $(f)))/$(notdir $(f))) \
	$(foreach f,$(bash_completion),$(f):bash-completion/completions/$(notdir $(basename $(f))))

.PHONY: all module client check check-all torture fuzz bench demo install uninstall clean help

all: module client

module:
ifneq ($(wildcard $(KDIR)/Makefile),)
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules
else ifneq ($(need_headers),)
	$(error there are no kernel headers at KDIR=$(KDIR))
else
	@echo "vasmon.ko is not built: the running kernel's headers are not at $(headers)." >&2
	@echo "On Debian and Ubuntu: apt-get install linux-headers-$(shell uname -r)." >&2
	@echo "Or name those of another kernel: make KDIR=..." >&2
endif

client:
	$(MAKE) -C client

check:
	tests/check

check-all:
	tests/check --all

torture:
	tests/torture/soak

fuzz:
	tests/fuzz/long

bench:
	tests/bench/run $(if $(NATIVE),--native) $(if $(QUICK),--quick) $(KERNELS:%=-k %) $(PARTS)

demo:
	tests/demo/run

install:
	@test -e vasmon.ko && test -e client/vasmon-client || \
		{ echo "vasmon.ko and client/vasmon-client are to be built first: make" >&2; exit 1; }
	@test -n "$(release)" || { echo "there is no kernel's name in KDIR=$(KDIR)" >&2; exit 1; }
	install -D -m 644 vasmon.ko $(modules)/vasmon.ko
	install -D -m 755 client/vasmon-client $(bin)/vasmon-client
	$(foreach f,$(shared),install -D -m 644 $(subst :, $(share)/,$(f)) &&) true
	$(if $(DESTDIR),,depmod $(release))

uninstall:
	rm -f $(modules)/vasmon.ko $(bin)/vasmon-client
	$(foreach f,$(shared),rm -f $(share)/$(word 2,$(subst :, ,$(f))) &&) true
	$(if $(DESTDIR),,depmod $(release))

clean:
	$(MAKE) -C client clean
	find module -type f \( -name '*.o' -o -name '*.o.d' -o -name '.*.cmd' \) -delete
	rm -rf build
	rm -f *.ko *.o *.mod *.mod.c .*.cmd .module-common.o Module.symvers modules.order

help:
	@echo "make            vasmon.ko for the running kernel, and client/vasmon-client"
	@echo "make client     client/vasmon-client alone"
	@echo "make KDIR=DIR   vasmon.ko for the kernel whose headers are in DIR"
	@echo "make demo       see it at work on a kernel in a small virtual machine; NATIVE=1: on this one"
	@echo "make check      all tests but the longest, 20 minutes (KERNELS='6.1 6.12 7.2'; some on the last of them alone)"
	@echo "make check-all  all on each, and the longest, most on kernels that check themselves: some hours"
	@echo "make torture    random changes against an oracle, until you stop it"
	@echo "make fuzz       hostile input for client and module, an hour or so"
	@echo "make bench      what it costs, in instructions, beside other tools (KERNELS='6.1 6.12 7.2'; QUICK=1; NATIVE=1: here, in time)"
	@echo "make install    to PREFIX ($(PREFIX)) and the kernel's modules, below DESTDIR"
	@echo "make uninstall"
	@echo "make clean"
