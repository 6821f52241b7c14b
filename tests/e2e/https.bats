#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Remotes over https: a real Apache with git-http-backend, TLS and a password,
# through the shims, held against plain git.
# shellcheck disable=SC2030,SC2031,SC2103,SC2154

load world
# shellcheck source=tests/services/https.bash
load ../services/https

setup_file() {
	local dir
	dir=$(mktemp -d "${BATS_TMPDIR:-/tmp}/automode-https.XXXXXX")
	chmod 755 "$dir" # Apache does not serve as root
	# not exported: the environment of a process can be read by others
	https_password=s3cret-Pw-$RANDOM$RANDOM
	https_start "$dir/server" || return 1
	export https_port https_ca https_root https_user https_host https_url
	export http_url https_dir
	printf '%s\n' "$https_password" >"$dir/password"
}

teardown_file() {
	https_stop
	rm -rf "${https_dir%/server}"
}

setup() {
	make_world
	unset GIT_SSL_CAINFO CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR
	real=/usr/bin/git
	read -r https_password <"${https_dir%/server}/password"
	name=p$BATS_TEST_NUMBER.git
	$real config --global http.sslCAInfo "$https_ca"
	$real config --global credential.helper store
	printf 'https://%s:%s@localhost:%s\n' "$https_user" "$https_password" \
		"$https_port" >"$HOME/.git-credentials"
	make_history "$world/src" 5
	https_repository "$name" "$world/src"
	$real clone -q "$https_url/git/$name" "$HOME/p"
	cd "$HOME/p" || return 1
	as_agent
	# the person's own hand in these tests: no shim but git's
	shim=$(type -P git)
	PATH=$plain_path
}

git() {
	"$shim" "$@"
}

teardown() {
	end_world
}

make_history() { # DIR COMMITS
	$real init -q "$1"
	for i in $(seq "$2"); do
		echo "$i" >"$1/f$i"
		$real -C "$1" add .
		$real -C "$1" commit -qm "c$i"
	done
}

on_server() { # REF
	https_git "$name" rev-parse -q --verify "$1"
}

@test "fetch, pull, ls-remote bring what plain git brings" {
	$real clone -q "$https_url/git/$name" "$world/other"
	echo new >"$world/other/new"
	$real -C "$world/other" add .
	$real -C "$world/other" commit -qm new
	$real -C "$world/other" push -q origin main main:side
	run git ls-remote origin
	[ "$status" -eq 0 ]
	[ "$output" = "$($real -C "$world/other" ls-remote origin)" ]
	run git fetch
	[ "$status" -eq 0 ]
	[[ $output == *"side"*"-> origin/side"* ]]
	run git pull
	[ "$status" -eq 0 ]
	[ "$(cat new)" = new ]
	[ "$($real rev-parse HEAD)" = "$(on_server main)" ]
	$real fsck --no-dangling
}

@test "push, push -u, tags, delete" {
	git checkout -qb topic
	echo t >t && git add t && git commit -qm t
	run git push -u origin topic
	[ "$status" -eq 0 ]
	[ "$(on_server topic)" = "$($real rev-parse topic)" ]
	[ "$($real rev-parse --abbrev-ref '@{u}')" = origin/topic ]
	git tag -am v1 v1
	run git push origin v1
	[ "$status" -eq 0 ]
	[ "$(on_server v1)" = "$($real rev-parse v1)" ]
	run git push
	[ "$status" -eq 0 ]
	[[ $output == *"Everything up-to-date"* ]]
	run git push origin --delete topic
	[ "$status" -eq 0 ]
	run on_server topic
	[ "$status" -ne 0 ]
}

@test "a colleague who was faster is not overwritten, and git says so" {
	$real clone -q "$https_url/git/$name" "$world/other"
	$real -C "$world/other" commit -q --allow-empty -m theirs
	$real -C "$world/other" push -q
	git commit -q --allow-empty -m ours
	run git push
	[ "$status" -eq 1 ]
	[[ $output == *"[rejected]"*"(fetch first)"* ]]
	[ "$(on_server main)" = "$($real -C "$world/other" rev-parse main)" ]
}

@test "shallow: clone, deepen, unshallow" {
	cd "$HOME"
	run git clone -q --depth 1 "$https_url/git/$name" s
	[ "$status" -eq 0 ]
	cd s
	[ "$(git rev-list --count HEAD)" -eq 1 ]
	git fetch -q --deepen 2
	[ "$(git rev-list --count HEAD)" -eq 3 ]
	git commit -q --allow-empty -m more
	git push -q origin HEAD:refs/heads/shallow
	[ "$(on_server shallow)" = "$($real rev-parse HEAD)" ]
	git fetch -q --unshallow
	[ "$(git rev-list --count HEAD)" -eq 6 ]
}

@test "partial clone: objects that are missing come when they are needed" {
	cd "$HOME"
	run git clone -q --filter=blob:none --no-checkout \
		"$https_url/git/$name" part
	[ "$status" -eq 0 ]
	cd part
	run git checkout -q main
	[ "$status" -eq 0 ]
	[ "$(cat f5)" = 5 ]
	echo 6 >f6 && git add f6 && git commit -qm 6
	run git push -q
	[ "$status" -eq 0 ]
	[ "$(on_server main)" = "$($real rev-parse HEAD)" ]
}

@test "a server of an older protocol: clone, fetch, shallow" {
	cd "$HOME"
	run git clone -q "$https_url/v0/$name" old
	[ "$status" -eq 0 ]
	[ -z "$(find old/.git -name '*.keep')" ]
	https_git "$name" -c user.name=S -c user.email=s@x commit-tree \
		-p main -m s 'main^{tree}' >"$world/new"
	https_git "$name" update-ref refs/heads/side "$(cat "$world/new")"
	[ "$(id -u)" = 0 ] && chown -R nobody:nogroup "$https_root/$name"
	cd old
	run git fetch -q
	[ "$status" -eq 0 ]
	[ "$($real rev-parse origin/side)" = "$(cat "$world/new")" ]
	$real fsck --no-dangling
	cd ..
	run git clone -q --depth 1 "$https_url/v0/$name" olds
	[ "$status" -eq 0 ]
	cd olds
	[ "$(git rev-list --count HEAD)" -eq 1 ]
	run git fetch -q --unshallow
	[ "$status" -eq 0 ]
	[ ! -e .git/shallow ]
	[ "$(git rev-list --count HEAD)" -eq 5 ]
}

@test "an older protocol by configuration: -c, repository, person" {
	run git -c protocol.version=0 fetch -q
	[ "$status" -eq 0 ]
	run git -c protocol.version=1 ls-remote -q origin
	[ "$status" -eq 0 ]
	[[ $output == *refs/heads/main* ]]
	$real config protocol.version 0
	run git ls-remote -q origin
	[[ $output == *refs/heads/main* ]]
	$real config --unset protocol.version
	$real config --global protocol.version 1
	run git ls-remote -q origin
	[[ $output == *refs/heads/main* ]]
}

@test "files only (dumb http): clone" {
	cd "$HOME"
	run git clone -q "$https_url/dumb/$name" dumb
	[ "$status" -eq 0 ]
	[ "$(cat dumb/f5)" = 5 ]
	$real -C dumb fsck --no-dangling
}

@test "a large push, in one piece and in chunks, and a large clone" {
	head -c 24000000 /dev/urandom >big
	git add big && git commit -qm big
	run git push -q
	[ "$status" -eq 0 ]
	head -c 6000000 /dev/urandom >big2
	git add big2 && git commit -qm big2
	git config http.postBuffer 65536 ||
		$real config http.postBuffer 65536
	run git push -q
	[ "$status" -eq 0 ]
	[ "$(on_server main)" = "$($real rev-parse main)" ]
	cd "$HOME"
	run git clone -q "$https_url/git/$name" again
	[ "$status" -eq 0 ]
	cmp again/big p/big
	cmp again/big2 p/big2
}

same_message() { # WORDS...
	local plain keep=$HOME/.git-credentials
	[ ! -e "$keep" ] || cp "$keep" "$world/keep"
	plain=$(GIT_TERMINAL_PROMPT=0 $real "$@" 2>&1 </dev/null) &&
		echo "plain git succeeds" && return 1
	# plain git has the helper erase what was wrong
	[ ! -e "$world/keep" ] || cp "$world/keep" "$keep"
	run git "$@" </dev/null
	rm -f "$world/keep"
	echo "plain: $plain"
	echo "boxed: $output"
	[ "$status" -ne 0 ] && [ "$output" = "$plain" ]
}

@test "errors are git's own: password, no password, CA, no such repository" {
	same_message ls-remote "$https_url/git/nothing.git"
	same_message ls-remote "https://localhost:$((https_port + 1))/git/$name"
	printf 'https://%s:wrong@localhost:%s\n' "$https_user" "$https_port" \
		>"$HOME/.git-credentials"
	same_message fetch
	same_message push origin main:refs/heads/x
	rm "$HOME/.git-credentials"
	same_message fetch
	$real config --global --unset http.sslCAInfo
	same_message fetch
}

@test "passwords: ~/.netrc, in the URL, of a user in the URL" {
	rm "$HOME/.git-credentials"
	printf 'machine localhost login %s password %s\n' "$https_user" \
		"$https_password" >"$HOME/.netrc"
	run git fetch
	[ "$status" -eq 0 ]
	rm "$HOME/.netrc"
	run git fetch
	[ "$status" -ne 0 ]
	printf 'https://other:wrong@localhost:%s\nhttps://%s:%s@localhost:%s\n' \
		"$https_port" "$https_user" "$https_password" "$https_port" \
		>"$HOME/.git-credentials"
	run git ls-remote "https://$https_user@localhost:$https_port/git/$name"
	[ "$status" -eq 0 ]
	rm "$HOME/.git-credentials"
	run git ls-remote \
		"https://$https_user:$https_password@localhost:$https_port/git/$name"
	[ "$status" -eq 0 ]
	[[ $output != *"$https_password"* ]]
}

@test "no credentials without TLS" {
	printf 'http://%s:%s@localhost:%s\n' "$https_user" "$https_password" \
		"$((https_port + 1))" >>"$HOME/.git-credentials"
	run git ls-remote "$http_url/git/$name"
	[ "$status" -ne 0 ]
	[[ $output == *"could not read Username"* ]]
	run git ls-remote "$http_url/open/$name"
	[ "$status" -eq 0 ]
}

@test "a redirect on the host is followed, one elsewhere is not" {
	run git ls-remote "$https_url/moved/$name"
	[ "$status" -eq 0 ]
	[[ $output == *"warning: redirecting to $https_url/open/$name"* ]]
	run git ls-remote "$https_url/away/$name"
	[ "$status" -ne 0 ]
	[[ $output == *"Could not resolve host: elsewhere.example"* ]]
	[[ $output == *"automode: transport: localhost redirects to elsewhere.example, "* ]]
}

# What the repository's own configuration says of http is not what is done.
hostile() { # KEY VALUE
	$real config "$1" "$2"
	run git fetch
	echo "$1: $status $output"
	$real config --unset "$1"
}

@test "hostile http.* of the repository" {
	local listener=$((https_port + 1)) marker=$world/marker
	$real config --global --unset http.sslCAInfo
	hostile http.sslVerify false
	[ "$status" -ne 0 ]
	hostile "http.$https_url/.sslVerify" false
	[ "$status" -ne 0 ]
	hostile http.sslCAInfo "$https_ca"
	[ "$status" -ne 0 ]
	$real config --global http.sslCAInfo "$https_ca"
	for key in http.proxy "http.$https_url/.proxy" remote.origin.proxy; do
		hostile "$key" "http://localhost:$listener"
		[ "$status" -eq 0 ] || [ "$status" -eq 126 ]
		run grep -c CONNECT "$https_dir/access.log"
		[ "${output:-0}" = 0 ] || [ "$status" -ne 0 ]
	done
	hostile http.curloptResolve "localhost:$https_port:192.0.2.1"
	[ "$status" -eq 0 ] || [ "$status" -eq 126 ]
	hostile http.cookieFile "$HOME/.git-credentials"
	[ "$status" -eq 0 ] || [ "$status" -eq 126 ]
	hostile http.extraHeader "X-Marker: planted"
	[ "$status" -eq 0 ] || [ "$status" -eq 126 ]
	run grep planted "$https_dir/access.log"
	[ "$status" -ne 0 ]
	hostile credential.helper "!touch $marker; cat >>$marker"
	[ ! -e "$marker" ]
	hostile core.askPass "$world/ask"
	$real config core.hooksPath "$world/hooks"
	mkdir "$world/hooks"
	run git fetch
	[ ! -e "$marker" ]
}

@test "the person's header, cookies and proxy are used" {
	local port
	$real config --global http.extraHeader "X-Marker: by-the-person"
	run git fetch
	[ "$status" -eq 0 ]
	grep -q by-the-person "$https_dir/access.log"
	$real config --global --unset http.extraHeader
	port=$(python3 - "$world/proxied" <<-'X'
		import socket, sys, os, threading
		s = socket.socket(); s.bind(("127.0.0.1", 0)); s.listen(5)
		print(s.getsockname()[1], flush=True)
		if os.fork(): os._exit(0)
		os.close(1)
		def copy(a, b):
		    try:
		        while True:
		            d = a.recv(65536)
		            if not d: break
		            b.sendall(d)
		    except OSError: pass
		    for x in (a, b):
		        try: x.shutdown(socket.SHUT_RDWR)
		        except OSError: pass
		s.settimeout(20)
		try:
		    while True:
		        c, _ = s.accept()
		        head = b""
		        while b"\r\n\r\n" not in head: head += c.recv(4096)
		        open(sys.argv[1], "ab").write(head)
		        host, port = head.split()[1].decode().rsplit(":", 1)
		        o = socket.create_connection((host, int(port)))
		        c.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
		        threading.Thread(target=copy, args=(c, o), daemon=True).start()
		        threading.Thread(target=copy, args=(o, c), daemon=True).start()
		except TimeoutError: os._exit(0)
	X
	)
	$real config --global http.proxy "http://localhost:$port"
	run git fetch
	[ "$status" -eq 0 ]
	grep -q "CONNECT localhost:$https_port" "$world/proxied"
}

@test "the password is nowhere to be found while git works" {
	local pattern=${https_dir%/server}/password seen=$world/seen
	mkdir "$seen"
	# another process of the same user looks at everything all the time
	(
		while [ ! -e "$world/stop" ]; do
			cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline \
				2>/dev/null | grep -aFf "$pattern" >>"$seen/proc"
			grep -rlFf "$pattern" "$XDG_RUNTIME_DIR" /tmp/automode* \
				--exclude-dir=server --exclude=password \
				--exclude=.git-credentials \
				2>/dev/null >>"$seen/files"
		done
	) &
	for i in 1 2 3; do
		git commit -q --allow-empty -m "$i"
		git push -q
		git fetch -q
	done
	touch "$world/stop"
	wait
	[ ! -s "$seen/files" ] || cat "$seen/files"
	[ ! -s "$seen/proc" ]
	[ ! -s "$seen/files" ]
	grep -rlFf "$pattern" "$HOME" "$XDG_RUNTIME_DIR" \
		"$AUTOMODE_STATE_DIR" | sort >"$world/found" || true
	[ "$(cat "$world/found")" = "$HOME/.git-credentials" ]
}

@test "hooks and aliases get neither credentials nor the network" {
	printf '#!/bin/sh\nprintf "protocol=https\\nhost=localhost:%s\\n\\n" | git credential fill >%s 2>&1\nls -R /run/automode >>%s 2>&1\nexec 3<>/dev/tcp/localhost/%s && echo reached >>%s\ntrue\n' \
		"$https_port" out out "$https_port" out >.git/hooks/pre-push
	sed -i '1s|/bin/sh|/bin/bash|' .git/hooks/pre-push
	chmod +x .git/hooks/pre-push
	git commit -q --allow-empty -m x
	run git push
	[ "$status" -eq 0 ]
	[ -s out ]
	run grep -e "$https_password" -e reached out
	[ "$status" -ne 0 ]
}
