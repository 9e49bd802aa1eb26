# install: px, its manual pages, bash completion, the conformance set and the gallery, below DESTDIR/PREFIX. The tree may be moved: px
# finds its data beside itself (host/data.c).
#   make install PREFIX=$HOME/.local       make install DESTDIR=/tmp/root PREFIX=/usr
PREFIX  ?= /usr/local
INSTALL ?= install
TO       = $(DESTDIR)$(PREFIX)
BASH_COMPLETIONS = share/bash-completion/completions

COMMANDS := $(shell sed -n 's/^PX_COMMAND.\([a-z0-9_]*\),.*/\1/p' host/commands.def)
MAN      := $(B)/man/px.1 $(COMMANDS:%=$(B)/man/px-%.1)
RELEASED  = $(shell sed -nE 's/^$(hash)$(hash) [0-9.]+ \((.*)\)$$/\1/p' CHANGELOG.md | head -n 1)
MANUAL    = awk -v version='$(VERSION)' -v date='$(RELEASED)' -f tools/man.awk

$(B)/man/px.1: $(PX) tools/man.awk CHANGELOG.md
	$(call say,MAN,$@)
	$(Q)mkdir -p $(@D) && ARGP_HELP_FMT= $(PX) --help | $(MANUAL) -v name=px -v summary='pixel programs on any executor' \
	    -v also='$(COMMANDS:%=px-%)' >$@
$(B)/man/px-%.1: $(PX) tools/man.awk CHANGELOG.md host/commands.def
	$(call say,MAN,$@)
	$(Q)mkdir -p $(@D) && summary=$$(sed -nE 's/^PX_COMMAND\($*, "(.*)"\)$$/\1/p' host/commands.def) && \
	    ARGP_HELP_FMT= $(PX) $* --help | $(MANUAL) -v name='px $*' -v summary="$$summary" -v also=px >$@
$(B)/completions/px: $(PX) tools/completion.sh tools/completion.bash
	$(Q)mkdir -p $(@D) && tools/completion.sh $(PX) >$@

# What is installed, below PREFIX: each folder and its files. `make uninstall` reads the same list.
DOCUMENTS    := README.md CHANGELOG.md LICENSE pxi/SPEC.md pxi/ASSEMBLY.md pxi/HOST.md pxi/LINK.md cc/ABI.md os/OS.md
INSTALL_DIRS := bin lib lib/pkgconfig $(LIBPXI_FOLDERS:%=include/pxos/%) share/man/man1 $(BASH_COMPLETIONS) share/pxos/conformance share/pxos/programs share/pxos/cc share/pxos/cc/sys $(if $(HAVE_CC),share/pxos) share/doc/pxos
FILES_bin                        = $(PX)
FILES_lib                        = $(LIBPXI)
FILES_lib/pkgconfig              = $(B)/gen/pxi.pc
$(foreach header,$(LIBPXI_HEADERS),$(eval FILES_include/pxos/$(patsubst %/,%,$(dir $(header))) += $(header)))
FILES_share/man/man1             = $(MAN)
FILES_share/pxos/conformance    := $(wildcard tests/conformance/*.pxt) tests/conformance/README.md
FILES_share/pxos/programs       := $(wildcard pxi/programs/*.pxa pxi/programs/*.inc pxi/programs/*.md examples/*.pxa) $(B)/gen/host.inc $(PROGRAMS)
FILES_share/pxos/cc             := $(filter-out $(CC_OUT)/sys/%,$(CC_RUNTIME))
FILES_share/pxos/cc/sys         := $(filter $(CC_OUT)/sys/%,$(CC_RUNTIME))
FILES_share/pxos                := $(if $(HAVE_CC),$(B)/os.pxi)
FILES_share/doc/pxos            := $(DOCUMENTS)
FILES_$(BASH_COMPLETIONS)        = $(B)/completions/px
installed = $(foreach dir,$(INSTALL_DIRS),$(addprefix $(TO)/$(dir)/,$(notdir $(FILES_$(dir)))))

.PHONY: install install-files uninstall
install: all $(LIBPXI) $(B)/gen/pxi.pc $(MAN) $(B)/completions/px ## px, pxOS, libpxi, manual pages, completion and the conformance set; PREFIX (/usr/local), DESTDIR
	@$(MAKE) --no-print-directory install-files

install-files: # what has been built, as it is
	$(Q)$(INSTALL) -d $(INSTALL_DIRS:%='$(TO)/%')
	$(Q)$(foreach dir,$(INSTALL_DIRS),$(INSTALL) -m $(if $(filter bin,$(dir)),755,644) $(FILES_$(dir)) '$(TO)/$(dir)' && ) :
	@echo 'px $(VERSION) is in $(TO)/bin'

uninstall: ## remove what `make install` has put there, with the same PREFIX and DESTDIR
	$(Q)rm -f $(foreach file,$(installed),'$(file)')
	$(Q)for dir in $(LIBPXI_FOLDERS:%=include/pxos/%) include/pxos share/pxos/conformance share/pxos/programs share/pxos/cc/sys share/pxos/cc share/pxos share/doc/pxos; do \
	    [ ! -d '$(TO)'/$$dir ] || rmdir --ignore-fail-on-non-empty '$(TO)'/$$dir; done

test-run: $(LIBPXI) $(B)/gen/pxi.pc $(MAN) $(B)/completions/px
TOOL_SUITES += runner tests/cli/runner.sh setup tests/cli/setup.sh figures tests/cli/figures.sh install 'BUILD=$(B) tests/cli/install.sh'
