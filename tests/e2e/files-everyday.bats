#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Building and testing real projects: a session of make, and one of npm, with
# the shims first on PATH.  No denial, the same output, the same files.

load world

setup() {
	# what is made below a temporary folder is nobody's work
	BATS_TMPDIR=$(dirname "$(dirname "$automode")") make_world
	export LC_ALL=C TZ=UTC npm_config_update_notifier=false
}

teardown() {
	end_world
}

# Names, kinds, modes and bytes below the project, without the times.
tree() {
	(cd "$HOME/project" && find . -path ./.git -prune -o \
	    ! -name '*.log' -printf '%p %y %m %l ' -exec sh -c \
	    'if [ -f "$1" ] && [ ! -L "$1" ]; then md5sum <"$1"; else echo; fi' \
	    sh {} \; | LC_ALL=C sort)
}

# session FILE: the lines of FILE, one command each, plain and then by the
# shims, from the same start; what they wrote and left is compared.
session() {
	cp -a "$HOME/project" "$world/start"
	run_lines "$1" "$world/plain"
	tree >"$world/plain.tree"
	rm -rf "$HOME/project"
	cp -a "$world/start" "$HOME/project"
	cd "$HOME/project" || return 1
	as_agent
	run_lines "$1" "$world/shims"
	tree >"$world/shims.tree"
	grep -n 'automode: denied' "$world/shims" && return 1
	grep -v '^automode: kept' "$world/shims" >"$world/shims.said"
	diff "$world/plain" "$world/shims.said"
	diff "$world/plain.tree" "$world/shims.tree"
}

run_lines() {
	local line
	cd "$HOME/project" || return 1
	while IFS= read -r line; do
		printf '$ %s\n' "$line"
		bash -c "$line" </dev/null 2>&1 |
			sed -E 's/[0-9.]+ ?m?s\b/T/g; s/[0-9]+ bytes .*copied.*/copied/'
		printf '= %s\n' "${PIPESTATUS[0]}"
	done <"$1" >"$2"
	cd "$HOME/project" || return 1
}

make_c_project() {
	mkdir -p "$HOME/project/src" "$HOME/project/tests"
	cd "$HOME/project" || return 1
	cat >Makefile <<-'END'
		.RECIPEPREFIX = >
		CC = cc
		CFLAGS = -O1 -Wall -Isrc -Ibuild
		OBJ = build/main.o build/stack.o build/parse.o
		all: build/calc build/libstack.a build/calc.1
		build/calc: $(OBJ)
		>$(CC) -o $@.new $(OBJ)
		>mv -f $@.new $@
		build/libstack.a: build/stack.o
		>rm -f $@
		>ar rcs $@ build/stack.o
		>ln -sf libstack.a build/libstack-1.a
		build/%.o: src/%.c build/version.h src/calc.h | build
		>$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<
		build/version.h: VERSION | build
		>sed 's/.*/#define VERSION "&"/' VERSION >$@.tmp
		>cmp -s $@.tmp $@ && rm -f $@.tmp || mv $@.tmp $@
		build/calc.1: calc.1.in VERSION | build
		>sed "s/@VERSION@/$$(cat VERSION)/" calc.1.in | tee $@ >/dev/null
		>chmod 644 $@
		build:
		>mkdir -p build
		test: all
		>rm -rf build/out && mkdir build/out
		>for t in tests/*.in; do n=$$(basename $$t .in); \
		>	build/calc <$$t >build/out/$$n.out; \
		>	diff tests/$$n.ok build/out/$$n.out || exit 1; done
		>find build/out -name '*.out' | sort | xargs wc -l | tee build/out/sum
		>sort -o build/out/sum build/out/sum
		>truncate -s 0 build/out/last && dd if=build/out/sum of=build/out/last status=none
		>rmdir build/out/none 2>/dev/null || true
		>@echo all tests passed
		install: all
		>install -d $(DESTDIR)/bin $(DESTDIR)/lib $(DESTDIR)/share/man
		>install -m 755 build/calc $(DESTDIR)/bin/calc
		>install -m 644 build/libstack.a $(DESTDIR)/lib/
		>install -m 644 build/calc.1 $(DESTDIR)/share/man/calc.1
		>cp -a build/libstack-1.a $(DESTDIR)/lib/
		dist: distclean
		>rm -rf calc-$$(cat VERSION) calc-*.tar.gz
		>mkdir calc-$$(cat VERSION)
		>cp -rp src tests Makefile VERSION calc.1.in calc-$$(cat VERSION)/
		>tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf - calc-$$(cat VERSION) | gzip -n >calc.tar.gz
		>rm -rf calc-$$(cat VERSION)
		>tar -tzf calc.tar.gz | wc -l
		clean:
		>rm -rf build/*.o build/*.d build/out
		>-rm build/calc build/calc.1
		>find build -name '*.a' -delete
		>find build -type f -print0 | xargs -0 rm -f
		distclean: clean
		>rm -rf build stage *.tar.gz
		-include $(wildcard build/*.d)
		.PHONY: all test install dist clean distclean
	END
	echo 1.2 >VERSION
	printf '.TH CALC 1 "" "@VERSION@"\n' >calc.1.in
	printf 'int push(long); long pop(void); int parse(const char *);\n' >src/calc.h
	printf '#include "calc.h"\nstatic long v[64]; static int n;\nint push(long x) { return n < 64 ? v[n++] = x, 0 : -1; }\nlong pop(void) { return n ? v[--n] : 0; }\n' >src/stack.c
	printf '#include "calc.h"\n#include <stdlib.h>\nint parse(const char *s) { if (*s == 43) return push(pop() + pop()); return push(atol(s)); }\n' >src/parse.c
	printf '#include <stdio.h>\n#include "calc.h"\n#include "version.h"\nint main(void) { char b[64]; while (fgets(b, sizeof b, stdin)) parse(b); printf("%%ld " VERSION "\\n", pop()); return 0; }\n' >src/main.c
	printf '1\n2\n+\n' >tests/add.in
	echo '3 1.2' >tests/add.ok
	printf '40\n2\n+\n1\n+\n' >tests/more.in
	echo '43 1.2' >tests/more.ok
	printf 'build/\nstage/\n*.tar.gz\n' >.gitignore
	/usr/bin/git init -q
	/usr/bin/git add -A
	/usr/bin/git commit -qm start
}

@test "a C project: make, test, clean, rebuild, install, dist" {
	command -v cc >/dev/null || skip "no C compiler"
	make_c_project
	cat >"$world/lines" <<-'END'
		make
		make test
		make
		touch src/stack.c && make
		echo '7' >>tests/more.in && make test
		git checkout -q tests/more.in && make test
		sed -i 's/64/128/' src/stack.c && make test
		echo 1.3 >VERSION && make; make test
		git diff --stat; git checkout -q -- . && git status --short
		make clean
		make -s -j2 && make test
		make install DESTDIR=$PWD/stage && find stage | sort
		make install DESTDIR=$PWD/stage
		cp Makefile Makefile.bak && mv Makefile.bak old.mk && rm old.mk
		mkdir -p t/a && mv src/parse.c t/a/ && make; mv t/a/parse.c src/ && rm -r t && make
		make dist
		tar -xzf calc.tar.gz && make -C calc-1.2 test && rm -rf calc-1.2
		rm -rf build && make test
		git clean -fdxq && git status --short && ls
		make distclean; make test
		printf '%s\n' build/*.o | xargs -n 2 rm -v && make
		chmod -R u+w,go-w build && chmod +x build/calc && build/calc </dev/null
	END
	session "$world/lines"
	[ "$(tail -n 1 "$world/plain")" = "= 0" ]
}

make_npm_project() {
	mkdir -p "$world/left" "$world/right/lib" "$HOME/project/test"
	printf '{"name":"left","version":"1.0.0","main":"i.js","bin":{"left":"i.js"}}\n' >"$world/left/package.json"
	printf '#!/usr/bin/env node\nmodule.exports = (s, n) => String(s).padStart(n);\nif (require.main === module) console.log("left");\n' >"$world/left/i.js"
	printf '{"name":"right","version":"2.1.0","main":"lib/r.js"}\n' >"$world/right/package.json"
	printf 'module.exports = (s, n) => String(s).padEnd(n);\n' >"$world/right/lib/r.js"
	for i in $(seq 1 300); do
		echo "exports.n = $i;" >"$world/right/lib/part$i.js"
	done
	mkdir "$HOME/project/vendor"
	(cd "$HOME/project/vendor" && npm pack --silent "$world/left" "$world/right" >/dev/null)
	cd "$HOME/project" || return 1
	cat >package.json <<-'END'
		{"name": "app", "version": "0.1.0", "private": true,
		 "scripts": {"test": "node --test --test-reporter=tap test/ | grep -E '^# (pass|fail)'",
		   "clean": "rm -rf dist coverage",
		   "build": "rm -rf dist && mkdir -p dist && cp -r src/. dist && left",
		   "prebuild": "npm run -s clean"},
		 "dependencies": {"left": "file:vendor/left-1.0.0.tgz"},
		 "devDependencies": {"right": "file:vendor/right-2.1.0.tgz"}}
	END
	mkdir src
	printf 'module.exports = require("left")("x", 3) + require("right")("y", 3);\n' >src/index.js
	printf 'const t = require("node:test"), a = require("node:assert");\nt("pads", () => a.equal(require("../src"), "  xy  "));\n' >test/a.test.js
	printf 'node_modules/\ndist/\n' >.gitignore
	npm install --offline --silent --no-audit --no-fund
	rm -rf node_modules
	/usr/bin/git init -q
	/usr/bin/git add -A
	/usr/bin/git commit -qm start
}

@test "an npm project: ci, tests, build, node_modules removed and installed again" {
	command -v npm >/dev/null || skip "no npm"
	make_npm_project
	cat >"$world/lines" <<-'END'
		npm ci --offline --no-audit --no-fund --silent
		npm test --silent
		npm run --silent build && ls dist
		rm -rf node_modules && npm ci --offline --no-audit --no-fund --silent
		npm test --silent
		npm run --silent build && npm run --silent build
		npm uninstall --offline --silent --no-audit --no-fund right; npm test --silent
		git checkout -q package.json package-lock.json && npm ci --offline --no-audit --no-fund --silent && npm test --silent
		rm -rf node_modules package-lock.json && npm install --offline --no-audit --no-fund --silent
		git status --short; npm test --silent
		sed -i 's/"0.1.0"/"0.1.1"/' package.json && git diff --stat && git checkout -q .
		npx --offline left
		npm version --no-git-tag-version --silent patch && git checkout -q . && git status --short
		find node_modules -name '*.js' | wc -l
		rm -rf dist node_modules && npm ci --offline --no-audit --no-fund --silent && npm test --silent
		git clean -fdxq && ls -A
	END
	session "$world/lines"
	grep -q '^# pass 1' "$world/plain"
	# and what went comes back
	npm ci --offline --no-audit --no-fund --silent
	as_agent --session again
	rm -rf node_modules
	mkdir node_modules
	echo mine >node_modules/mine
	"$automode" undo
	[ -f node_modules/right/lib/part300.js ]
	[ "$(cat node_modules/mine)" = mine ]
	npm test --silent
}

@test "what boxes hide of the home folder is there for whoever may change it" {
	echo a >"$HOME/.curlrc"
	mkdir -p "$HOME/.claude"
	echo b >"$HOME/.claude/settings.json"
	mkdir -p "$HOME/project"
	echo c >"$HOME/project/new"
	cd "$HOME/project"
	as_agent
	# whether it is asked about depends on where this world lies
	"$automode" intent "delete file $HOME/.curlrc"
	"$automode" intent "write file $HOME/.curlrc"
	rm -v "$HOME/.curlrc"
	[ ! -e "$HOME/.curlrc" ]
	"$automode" undo
	[ "$(cat "$HOME/.curlrc")" = a ]
	chmod 600 "$HOME/.curlrc"
	[ "$(stat -c %a "$HOME/.curlrc")" = 600 ]
	cp -r "$HOME/.claude" copy
	[ "$(cat copy/settings.json)" = b ]
	"$automode" intent "install file $HOME/.curlrc"
	cp new "$HOME/.curlrc"
	[ "$(cat "$HOME/.curlrc")" = c ]
	"$automode" undo
	[ "$(cat "$HOME/.curlrc")" = a ]
}

@test "what boxes hide of the temporary folders goes with who names it" {
	mkdir -p "$HOME/project"
	cd "$HOME/project"
	as_agent
	dir=$(mktemp -d /tmp/ssh-XXXXXX)
	socket=$(mktemp -u /tmp/XXXXXX)
	for name in "$dir/agent" "$socket"; do
		python3 -c 'import socket, sys
socket.socket(socket.AF_UNIX).bind(sys.argv[1])' "$name"
	done
	cd /tmp
	rm "$(basename "$socket")"
	[ ! -e "$socket" ]
	rm -r "$dir"
	[ ! -e "$dir" ]
	# whose name only looks like theirs
	dir=$(mktemp -d /tmp/screen-XXXXXX)
	git init -q "$dir"
	cd "$dir"
	git commit -q --allow-empty -m one
	git worktree add -q "$dir-more"
	run git worktree remove "$dir-more"
	[ "$status" -eq 0 ]
	[ ! -e "$dir-more" ]
	rm -rf "$dir"
}

@test "what a submodule leaves in .git goes when nothing is checked out of it" {
	/usr/bin/git config --global protocol.file.allow always
	/usr/bin/git init -q "$world/lib"
	/usr/bin/git -C "$world/lib" commit -q --allow-empty -m one
	/usr/bin/git init -q "$HOME/project"
	cd "$HOME/project"
	/usr/bin/git submodule --quiet add "$world/lib" lib
	/usr/bin/git submodule --quiet add "$world/lib" other
	/usr/bin/git commit -qm start
	/usr/bin/git -C lib commit -q --allow-empty -m two
	at=$(/usr/bin/git -C lib rev-parse HEAD)
	as_agent
	run rm -rf .git/modules/lib
	[ "$status" = 126 ]
	[[ $output == *"instead: git submodule deinit"* ]]
	git submodule --quiet deinit -f lib
	list() {
		find .git/modules/lib -printf '%p %y %m %T@\n' | sort
		find .git/modules/lib -type f -exec sha1sum {} + | sort
	}
	list >"$world/before"
	rm -rf .git/modules/lib
	[ ! -e .git/modules/lib ]
	"$automode" undo
	list | diff "$world/before" -
	[ "$(/usr/bin/git -C .git/modules/lib rev-parse HEAD)" = "$at" ]
	git rm -qrf other
	rm -rf .git/modules/other .git/modules/lib
	[ -z "$(ls .git/modules)" ]
}

# The caller is in a group beside its first one, which no user namespace of its
# own can hold: the box asks outside (gateway/exec/ids.h).
other=(setpriv --reuid=2000 --regid=2000 --groups=2000,2001)

can_be_other() {
	[ "$(id -u)" = 0 ] || skip "needs another user"
	mkdir -p "$HOME/project/dst"
	/usr/bin/git init -q "$HOME/project"
	chown -R 2000:2000 "$world"
	"${other[@]}" test -x "$AUTOMODE_BIN" -a -w "$HOME/project" ||
		skip "another user does not come here"
}

@test "groups of the caller and access lists are given, kept and undone" {
	can_be_other
	shm=$(mktemp -d -p /dev/shm)
	chmod 777 "$shm"
	cat >"$world/lines" <<-'END'
		cd ~/project
		list() {
			stat -c '%n %a %u %g %s' * dst/* "$shm"/* 2>/dev/null
			! type getfacl >/dev/null || getfacl -np f h x y dst/* 2>&1
			true
		}
		say() { "$@" 2>&1; echo "= $?"; list; }
		echo a >f; echo b >h; echo old >x; echo old >dst/h; ln -s h l
		/bin/chgrp 2001 h
		! type setfacl >/dev/null || setfacl -m u:1234:rw,g:2001:r h
		printf -- '--- h\n+++ h\n@@ -1 +1 @@\n-c\n+d\n' >p
		say chgrp 2001 f
		say chown -v :2001 x
		say chgrp -h 2001 l
		say chgrp -c --reference=x p
		say chgrp 3000 f
		say chown root f
		say chgrp 2001 "$PWD/dst/../f" nowhere
		say install -g 2001 f y
		say install -g 3000 f z
		say cp -p h x
		say cp -a . "$HOME/copy"
		(cd "$HOME/copy" && list)
		say cp -a h l dst/
		say cp --preserve=mode h dst/m
		say rsync -ai h l dst/
		say rsync -aiA h dst/
		say sed -i s/b/c/ h
		say patch -p0 -i p
		say chgrp -R 2001 dst
		say mv h dst/h "$shm/"
		say mv "$shm/h" .
		tar -cf t.tar f; say tar -rf t.tar h x; tar -tvf t.tar | sed 's/ 20.*:/ /'
		say find . -name 'y*' -type f -exec chgrp 2000 {} +
		say find dst -group 2001 -type f -delete
	END
	cat >"$world/back" <<-'END'
		cd ~/project
		list() {
			stat -c '%n %a %u %g %s' * dst/*
			sha1sum f x dst/*
			! type getfacl >/dev/null || getfacl -np * dst/*
		}
		echo a >f; echo b >h; echo old >x; echo old >dst/h
		/bin/chgrp 2001 h
		! type setfacl >/dev/null || setfacl -m u:1234:rw h
		list >../before
		"$AUTOMODE_BIN" env --session back >../code
		. ../code
		chgrp 2001 f
		cp -p h x
		rsync -a h dst/
		sed -i s/b/c/ h
		chgrp -R 2001 dst
		for n in 1 2 3 4 5; do "$AUTOMODE_BIN" undo; done
		list | diff ../before -
	END
	export shm
	"${other[@]}" bash "$world/lines" >"$world/plain" 2>&1
	again() {
		/bin/rm -rf "$HOME/project" "$HOME/copy" "${shm:?}"/*
		mkdir -p "$HOME/project/dst"
		/usr/bin/git init -q "$HOME/project"
		chown -R 2000:2000 "$HOME"
	}
	again
	"${other[@]}" bash -c 'cd ~/project; . <("$AUTOMODE_BIN" env --session a)
		. "$0"' \
		"$world/lines" >"$world/shims" 2>&1
	grep -v '^automode: kept' "$world/shims" | diff "$world/plain" -
	grep -q ' 2001 ' "$world/plain"
	again
	"${other[@]}" bash "$world/back"
	"${other[@]}" "$automode" gateway --stop
	rm -rf "${shm:?}"
}

@test "what its owner may not read is cleaned away and comes back as it was" {
	can_be_other
	cat >"$world/lines" <<-'END'
		cd ~/project
		list() { find . -name .git -prune -o -printf '%p %m %T@ %n\n' |
			sort; }
		mkdir locked
		echo a >secret; echo b >locked/in; echo c >one; ln one two
		chmod 000 secret one; chmod 200 locked/in
		touch -d '2001-01-01 UTC' secret one locked/in locked .
		list >../before
		. <("$AUTOMODE_BIN" env --session clean)
		git clean -fdxq
		[ ! -e secret ]
		"$AUTOMODE_BIN" undo
		touch -d '2001-01-01 UTC' .
		list | diff ../before -
		chmod u+r secret one locked/in
		[ "$(cat secret locked/in two | tr -d '\n')" = abc ]
	END
	"${other[@]}" bash -e "$world/lines"
	"${other[@]}" "$automode" gateway --stop
}

# sed waits for its script meanwhile; where there was nothing to edit, there is
# nothing to edit later.
@test "a link that comes between leads no sed astray that found no file" {
	mkdir -p "$HOME/.ssh" "$HOME/project/in"
	echo mine >"$HOME/.ssh/f"
	cd "$HOME/project"
	as_agent
	mkfifo "$world/script"
	sed -i -f - in/f <"$world/script" 2>"$world/said" &
	exec 5>"$world/script"
	judged() { "$automode" log | grep -q 'sed -i'; }
	until_true judged
	/bin/mv in aside
	ln -s ../.ssh in
	echo 's/mine/gone/' >&5
	exec 5>&-
	! wait $!
	cat "$world/said"
	grep -qx mine "$HOME/.ssh/f"
}

# The tool has said most of what it does, and waits for who reads that, when
# the folder of its last operand becomes a link: the box's own walls hold for
# what is done outside on its behalf.
@test "a link that comes between leads what gives a group nowhere" {
	can_be_other
	mkdir -p "$HOME/.ssh" "$HOME/project/in"
	(cd "$HOME/project" && /usr/bin/git init -q)
	echo mine | tee "$HOME/.ssh/f" "$HOME/project/in/f" \
		"$HOME/project/.git/hooks/f" >/dev/null
	(cd "$HOME/project" && for ((n = 0; n < 300; n++)); do : >"n$n"; done)
	chown -R 2000:2000 "$HOME"
	cat >"$world/swap.py" <<-'END'
		import array, fcntl, os, subprocess, sys, termios, time
		target, give = sys.argv[1], sys.argv[2:]
		os.chdir(os.environ["HOME"] + "/project")
		names = ["n%d" % n for n in range(300)]
		r, w = os.pipe()
		fcntl.fcntl(w, 1031, 4096)
		p = subprocess.Popen(give + names + ["in/f"], stdout=w)
		os.close(w)
		held = array.array("i", [0])
		until = time.time() + 60
		while held[0] < 4096 and p.poll() is None and time.time() < until:
		    fcntl.ioctl(r, termios.FIONREAD, held)
		os.rename("in", "aside")
		os.symlink(target, "in")
		while os.read(r, 65536):
		    pass
		print("status", p.wait())
		print(os.stat(target + "/f").st_gid, os.stat("n299").st_gid)
		os.unlink("in")
		os.rename("aside", "in")
	END
	for target in "$HOME/.ssh" ../.ssh "$HOME/project/.git/hooks" .git/hooks; do
		for give in chgrp /bin/chgrp; do
			"${other[@]}" bash -c '. <("$AUTOMODE_BIN" env --session b)
				exec /usr/bin/python3 "$@"' bash "$world/swap.py" \
				"$target" "$give" -v 2001 >"$world/said"
			cat "$world/said"
			if [ "$give" = chgrp ]; then
				grep -qx 'status 1' "$world/said"
				grep -qx '2000 2001' "$world/said"
			else
				grep -qx '2001 2001' "$world/said"
			fi
			find "$HOME" -name f -exec chgrp 2000 {} +
			find "$HOME/project" -maxdepth 1 -name 'n*' -exec chgrp 2000 {} +
		done
	done
	"${other[@]}" "$automode" gateway --stop
}

@test "a bare repository made in the workspace takes what a test pushes to it" {
	[[ $world != /tmp/* && $world != /var/tmp/* ]] ||
		skip "built below a temporary folder, where nothing is kept"
	make_repo
	as_agent
	git init -q --bare remotes/fixture.git
	git push -q remotes/fixture.git main
	git init -q work
	cd work
	git commit -q --allow-empty -m other
	run git push -q --force ../remotes/fixture.git HEAD:main
	[ "$status" -eq 0 ]
	[ "$(git -C ../remotes/fixture.git log --format=%s main)" = other ]
	"$automode" undo
	[ "$(git -C ../remotes/fixture.git log -1 --format=%s main)" = two ]
	# and from a clone of it, whose origin it is
	git clone -q ../remotes/fixture.git clone
	git -C clone commit -q --amend --allow-empty -m amended
	run git -C clone push -q --force
	[ "$status" -eq 0 ]
	# one that was there before is somebody's
	run git push -q --force ../../project.git HEAD:main
	[ "$status" -eq 126 ]
}
