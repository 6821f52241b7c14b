#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Variables with which git runs, reads or writes something else.
# bats file_tags=bare

load bypass

@test "GIT_SSH_COMMAND and GIT_SSH" {
	GIT_SSH_COMMAND=$evil attempt git fetch ssh://127.0.0.1/x
	GIT_SSH=$evil attempt git ls-remote 127.0.0.1:x
	unharmed
}

@test "GIT_PROXY_COMMAND" {
	GIT_PROXY_COMMAND=$evil attempt git fetch git://127.0.0.1/x
	unharmed
}

@test "GIT_ASKPASS and SSH_ASKPASS" {
	rm -f "$world/asks"
	python3 - "$world/asks" 3>&- <<-'X' &
		import http.server, os, sys
		class Asks(http.server.BaseHTTPRequestHandler):
		    def do_GET(self):
		        self.send_response(401)
		        self.send_header("WWW-Authenticate", 'Basic realm="x"')
		        self.send_header("Content-Length", "0")
		        self.end_headers()
		    def log_message(self, *a):
		        pass
		s = http.server.HTTPServer(("127.0.0.1", 0), Asks)
		with open(sys.argv[1] + ".new", "w") as f:
		    f.write(str(s.server_port))
		os.rename(sys.argv[1] + ".new", sys.argv[1])
		s.serve_forever()
	X
	asks=$!
	for _ in $(seq 600); do
		[ ! -s "$world/asks" ] || break
		sleep 0.05
	done
	GIT_ASKPASS=$evil attempt git fetch "http://127.0.0.1:$(cat "$world/asks")/x"
	SSH_ASKPASS=$evil attempt git fetch "http://127.0.0.1:$(cat "$world/asks")/x"
	kill "$asks"
	unharmed
}

# bats test_tags=files,network
@test "GIT_EDITOR, VISUAL, EDITOR" {
	GIT_EDITOR=$evil attempt git commit --allow-empty
	VISUAL=$evil attempt git commit --amend
	EDITOR=$evil attempt git tag -a v1
	unharmed
}

# bats test_tags=files,network
@test "GIT_SEQUENCE_EDITOR" {
	/usr/bin/git stash -q
	GIT_SEQUENCE_EDITOR=$evil attempt git rebase -i HEAD~1
	unharmed
}

# bats test_tags=files,network
@test "GIT_PAGER and PAGER" {
	GIT_PAGER=$evil on_terminal git log
	PAGER=$evil on_terminal git log
	unharmed
}

@test "LESSOPEN" {
	LESSOPEN="|$evil %s" on_terminal git log
	LESSOPEN="|$evil %s" GIT_PAGER="less file" on_terminal git log
	unharmed
}

# bats test_tags=files,network
@test "GIT_EXTERNAL_DIFF" {
	echo two >>file
	GIT_EXTERNAL_DIFF=$evil attempt git diff
	unharmed
}

# bats test_tags=files,network
@test "GIT_TEMPLATE_DIR" {
	plant_hooks "$HOME/template$BATS_TEST_NUMBER/hooks"
	export GIT_TEMPLATE_DIR=$HOME/template$BATS_TEST_NUMBER
	attempt git clone ../project new
	attempt git init new2
	attempt git -C new2 commit --allow-empty -m x
	unharmed
}

@test "GIT_TRACE and its like append to a file" {
	GIT_TRACE=$HOME/old/precious attempt git status
	GIT_TRACE_SETUP=$HOME/old/precious attempt git status
	GIT_TRACE2=$HOME/old/precious attempt git add .
	GIT_TRACE2_EVENT=$HOME/old/precious attempt git add .
	GIT_TRACE_PACKET=$HOME/old/precious attempt git fetch
	[ "$(cat "$HOME/old/precious")" = precious ]
}

@test "GIT_TRACE2 to a socket" {
	GIT_TRACE2=af_unix:$world/sock attempt git status
	GIT_TRACE2_PERF=af_unix:stream:$world/sock attempt git add .
	unharmed
}

# bats test_tags=files,network
@test "GIT_CONFIG_COUNT" {
	GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.fsmonitor \
		GIT_CONFIG_VALUE_0=$evil attempt git status
	GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=alias.x \
		GIT_CONFIG_VALUE_0=!$evil attempt git x
	unharmed
}

# bats test_tags=files,network
@test "GIT_CONFIG_PARAMETERS" {
	GIT_CONFIG_PARAMETERS="'core.fsmonitor=$evil'" attempt git add .
	GIT_CONFIG_PARAMETERS="'alias.x'='!$evil'" attempt git x
	unharmed
}

# bats test_tags=files,network
@test "GIT_CONFIG_GLOBAL and GIT_CONFIG_SYSTEM" {
	printf '[core]\n\tfsmonitor = %s\n' "$evil" >planted
	GIT_CONFIG_GLOBAL=$repo/planted attempt git status
	GIT_CONFIG_SYSTEM=$repo/planted attempt git add .
	unharmed
}

# bats test_tags=files,network
@test "HOME and XDG_CONFIG_HOME" {
	mkdir -p h/git
	printf '[core]\n\tfsmonitor = %s\n' "$evil" >h/.gitconfig
	cp h/.gitconfig h/git/config
	HOME=$repo/h attempt git status
	XDG_CONFIG_HOME=$repo/h attempt git add .
	unharmed
}

@test "GIT_EXEC_PATH" {
	mkdir core
	cp evil core/git-evil
	cp evil core/git-remote-https
	cp evil core/git-merge-evil
	GIT_EXEC_PATH=$repo/core attempt git evil
	GIT_EXEC_PATH=$repo/core attempt git merge -s evil topic
	GIT_EXEC_PATH=$repo/core attempt git ls-remote https://127.0.0.1/x
	unharmed
}

# bats test_tags=files,network
@test "git-* on PATH" {
	mkdir bin
	cp evil bin/git-evil
	cp evil bin/git-remote-zz
	cp evil bin/ssh
	cp evil bin/gpg
	behind=:$repo/bin
	attempt git evil
	attempt git fetch zz://x
	ahead=$repo/bin: behind=
	attempt git fetch ssh://127.0.0.1/x
	attempt git commit -S --allow-empty -m x
	unharmed
}

# bats test_tags=files,network
@test "another git first on PATH behind the shim" {
	mkdir bin
	cp evil bin/git
	ahead=$repo/bin:
	attempt git status
	attempt git add .
	unharmed
}

@test "LD_PRELOAD" {
	printf '%s\n' '#include <stdlib.h>' '#include <unistd.h>' \
		'__attribute__((constructor)) static void f(void)' \
		'{ unsetenv("LD_PRELOAD"); if (!fork()) {' \
		"execl(\"$evil\", \"x\", (char *)0); _exit(0); } }" >x.c
	gcc -shared -fPIC -o x.so x.c
	# not into timeout(1), which is not in a box
	attempt env LD_PRELOAD="$repo/x.so" git status
	attempt env LD_PRELOAD="$repo/x.so" git add .
	unharmed
}

@test "BASH_ENV and exported functions reach no hook" {
	printf '#!/bin/bash\ntrue\n' >.git/hooks/pre-commit
	chmod +x .git/hooks/pre-commit
	BASH_ENV=$evil attempt git commit --allow-empty -m x
	unharmed
}

@test "PERL5OPT" {
	mkdir lib
	printf 'package Evil; system("%s"); 1;\n' "$evil" >lib/Evil.pm
	printf '#!/usr/bin/perl\n' >.git/hooks/pre-commit
	chmod +x .git/hooks/pre-commit
	PERL5OPT="-I$repo/lib -MEvil" attempt git commit --allow-empty -m x
	unharmed
}

@test "GIT_DIR and GIT_WORK_TREE in another folder" {
	cd "$HOME/old"
	GIT_DIR=$repo/.git attempt git clean -fdx
	GIT_DIR=$repo/.git GIT_WORK_TREE=$PWD attempt git clean -fdx
	GIT_DIR=$repo/.git attempt git checkout -f .
	[ "$(cat precious)" = precious ]
	[ ! -e file ]
}

# bats test_tags=index
@test "GIT_INDEX_FILE that is not there" {
	state=$("$manifest" "$repo")
	GIT_INDEX_FILE=$repo/.git/none attempt git clean -fd
	[ "$state" = "$("$manifest" "$repo")" ]
}

# bats test_tags=files
@test "GIT_OBJECT_DIRECTORY outside" {
	export GIT_OBJECT_DIRECTORY=$HOME/old/store
	attempt sh -c 'echo x | git hash-object -w --stdin'
	[ -z "$(ls -A "$HOME/old/store")" ]
}

@test "GIT_ALLOW_PROTOCOL" {
	GIT_ALLOW_PROTOCOL=ext attempt git fetch "ext::$evil"
	GIT_ALLOW_PROTOCOL=ext:file attempt git clone "ext::$evil" new
	unharmed
}

@test "proxies" {
	http_proxy=127.0.0.1:$port attempt git fetch http://example.com/x
	https_proxy=127.0.0.1:$port attempt git fetch https://example.com/x
	ALL_PROXY=127.0.0.1:$port attempt git ls-remote http://example.com/x
	unharmed
}

@test "GIT_NAMESPACE, GIT_REPLACE_REF_BASE, GIT_GRAFT_FILE" {
	# what is kept is the same whatever they show
	echo "$(git rev-parse HEAD)" >grafts
	state=$("$manifest" "$repo")
	GIT_GRAFT_FILE=$repo/grafts GIT_REPLACE_REF_BASE=refs/x/ \
		attempt git branch -D topic
	[ "${MUTANT:-}" = bare ] || "$automode" undo
	[ "$state" = "$("$manifest" "$repo")" ]
}

# bats test_tags=environ
@test "credentials of the environment reach no hook" {
	printf '#!/bin/sh\nenv >&2\nexit 1\n' >.git/hooks/pre-commit
	chmod +x .git/hooks/pre-commit
	export GITHUB_TOKEN=hunter2 SSH_AUTH_SOCK=$world/sock-hunter2
	export AWS_SECRET_ACCESS_KEY=hunter2
	attempt git commit --allow-empty -m x
	[[ "$output" == *PATH=* ]]
	[[ "$output" != *hunter2* ]]
}
