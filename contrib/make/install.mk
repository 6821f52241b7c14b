# install, uninstall

LIBDIR   := $(DESTDIR)$(PREFIX)/lib/automode
SHAREDIR := $(DESTDIR)$(PREFIX)/share/automode
MANDIR   := $(DESTDIR)$(PREFIX)/share/man

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(LIBDIR)/shims $(SHAREDIR) \
		$(MANDIR)/man1 $(MANDIR)/man5
	install -m 755 $(BIN) $(DESTDIR)$(PREFIX)/bin/automode
	install -m 755 $(SHIM) $(LIBDIR)/shim
	install -m 755 $(HELPERS) $(CONFINE) $(LIBDIR)/
	for n in $(NAMES); do ln -f $(LIBDIR)/shim $(LIBDIR)/shims/$$n; done
	$(if $(RUN),install -d $(LIBDIR)/shims-run)
	$(if $(RUN),install -m 755 $(RUN) $(LIBDIR)/run)
	$(if $(RUN),for n in $(INTERPRETERS); do \
		ln -f $(LIBDIR)/shim $(LIBDIR)/shims-run/$$n; done)
	cp -R profiles/. $(SHAREDIR)/
	install -m 644 gateway/cli/automode.1 $(MANDIR)/man1/automode.1
	install -m 644 gateway/cli/automode.profile.5 \
		$(MANDIR)/man5/automode.profile.5

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/automode $(MANDIR)/man1/automode.1 \
		$(MANDIR)/man5/automode.profile.5
	rm -rf $(LIBDIR) $(SHAREDIR)
