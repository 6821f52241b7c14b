#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The transport broker, seen from the box: what a hook can ask of it, and that
# whatever it does the command itself goes on.

load world
# shellcheck source=../services/ssh.bash
source "$BATS_TEST_DIRNAME/../services/ssh.bash"

setup() {
	make_world
	ssh_start "$world/sshd"
	ssh_person "$HOME"
	make_repo
	/usr/bin/git remote set-url origin "$(ssh_url "$HOME/project.git")"
	cp -r ../project.git ../other.git
	as_agent
}

teardown() {
	PATH=$plain_path
	ssh_stop
	end_world
}

hook() {
	{ echo '#!/bin/bash'; cat; } >".git/hooks/${1:-pre-push}"
	/usr/bin/chmod +x ".git/hooks/${1:-pre-push}"
}

head_of() { /usr/bin/git -C "$HOME/$1" rev-parse --verify -q "$2"; }

change() {
	echo "$RANDOM" >>file
	/usr/bin/git commit -qam "${1:-change}"
}

folders() { find "$XDG_RUNTIME_DIR" -name 'carry-*'; }

@test "fetch, pull, push, clone and ls-remote reach their host" {
	run git ls-remote origin
	[ "$status" -eq 0 ]
	[[ "$output" == *refs/heads/main* ]]
	change
	run git push origin main
	[ "$status" -eq 0 ]
	[ "$(head_of project.git main)" = "$(head_of project HEAD)" ]
	run git clone -q "$(ssh_url "$HOME/project.git")" ../copy
	[ "$status" -eq 0 ]
	[ "$(head_of copy HEAD)" = "$(head_of project HEAD)" ]
	run git fetch
	[ "$status" -eq 0 ]
	run git pull -q
	[ "$status" -eq 0 ]
	[ -z "$(folders)" ]
}

@test "a hook gets no other repository, no other word, and it is said" {
	change
	hook <<-EOF
		cd / && unset GIT_DIR
		git ls-remote "$(ssh_url "$HOME/other.git")" && touch $HOME/project/READ
		git -C $HOME/project push --no-verify -f "$(ssh_url "$HOME/other.git")" HEAD:x
		/run/automode/ssh -p $ssh_port $ssh_user@$ssh_host "touch $HOME/RAN"
		/run/automode/ssh -o ProxyCommand="touch $HOME/RAN" x y
		true
	EOF
	run git push origin main
	[ "$status" -eq 0 ]
	[ ! -e READ ]
	[ ! -e "$HOME/RAN" ]
	! head_of other.git x
	[[ "$output" == *"refused: reading from"*other.git* ]]
	[[ "$output" == *"refused: "*"touch"* ]]
	[ "$(head_of project.git main)" = "$(head_of project HEAD)" ]
}

@test "a hook cannot push more than was judged" {
	change
	hook <<-EOF
		unset GIT_DIR
		git push --no-verify origin HEAD:refs/heads/smuggled
		git push --no-verify origin :refs/heads/main
		true
	EOF
	run git push origin main
	! head_of project.git smuggled
	[ "$(head_of project.git main)" = "$(head_of project HEAD)" ]
}

@test "garbage, silence and a crowd do not stop the command" {
	change
	hook <<-'EOF'
		python3 - <<'END'
		import os, socket, struct
		def sock():
		    s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		    s.connect("/run/automode/transport")
		    return s
		def f(b): return struct.pack("I", len(b)) + b
		def u(n): return f(struct.pack("Q", n))
		head = u(1) + f(b"ssh") + u(0) + f(b"") + f(b"") + u(0)
		for i in range(200):
		    sock().close()
		for bad in (b"x", b"\0" * 60000, os.urandom(4096),
		            head + u(2 ** 60), head + u(1) + b"\xff\xff\xff\xff",
		            head + u(1) + f(b"x\0y"), head + u(0)):
		    s = sock()
		    s.send(bad)
		    assert s.recv(100) == b"", "answered"
		many = [os.dup(1) for _ in range(60)]
		s = sock()
		socket.send_fds(s, [head + u(1) + f(b"x")], many)
		assert s.recv(100) == b"", "answered"
		s = sock()
		os.fork() or os._exit(0)
		silent = []
		for i in range(31):
		    s = sock()
		    silent.append(s)
		if os.fork() == 0:
		    os.close(0), os.close(1), os.close(2)
		    import time
		    time.sleep(60)
		print("hook done", flush=True)
		END
	EOF
	run timeout 60 git push origin main
	[ "$status" -eq 0 ]
	[[ "$output" == *"hook done"* ]]
	[ "$(head_of project.git main)" = "$(head_of project HEAD)" ]
	[ -z "$(folders)" ]
}

@test "the socket has no name outside once it is used, and serves only the box" {
	change
	hook <<-'EOF'
		git ls-remote origin >/dev/null 2>&1
		touch .git/ready
		for i in $(seq 600); do [ -e .git/tried ] && break; sleep .1; done
	EOF
	git push origin main &
	pusher=$!
	for _ in $(seq 600); do [ -e .git/ready ] && break; sleep .1; done
	[ -n "$(folders)" ]
	[ -z "$(find "$(folders)" -type s -name socket)" ]
	run python3 - <<-'END'
		import glob, os, socket
		tried = 0
		for p in glob.glob("/proc/[0-9]*/root/run/automode/transport"):
		    try:
		        s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
		        s.settimeout(5)
		        s.connect(p)
		        tried += 1
		        assert s.recv(100) == b""
		    except (FileNotFoundError, PermissionError, ConnectionRefusedError):
		        pass
		print("tried", tried)
	END
	touch .git/tried
	wait "$pusher"
	[ "$status" -eq 0 ]
	[[ "$output" == "tried "[1-9]* ]]
	[ "$(head_of project.git main)" = "$(head_of project HEAD)" ]
}

@test "the caller's own ssh and proxies are not used" {
	printf '#!/bin/sh\ntouch %s\n' "$HOME/RAN" >"$HOME/evil"
	/usr/bin/chmod +x "$HOME/evil"
	GIT_PROXY_COMMAND=$HOME/evil ALL_PROXY=http://127.0.0.1:1 \
	    GIT_SSH_VARIANT=simple run git fetch
	GIT_SSH=$HOME/evil run git fetch
	GIT_SSH_COMMAND=$HOME/evil run git fetch
	/usr/bin/git config core.sshCommand "$HOME/evil"
	run git fetch
	[ ! -e "$HOME/RAN" ]
}

@test "a push is asked about and done over one connection" {
	logins() { grep -c 'Accepted publickey' "$world/sshd/log" || true; }
	change
	before=$(logins)
	run git push origin main
	[ "$status" -eq 0 ]
	[ "$(logins)" -eq $((before + 1)) ]
	[ "$(head_of project.git main)" = "$(head_of project HEAD)" ]
	before=$(logins)
	run git push origin main
	[ "$status" -eq 0 ]
	[[ "$output" == *"Everything up-to-date"* ]]
	[ "$(logins)" -eq $((before + 1)) ]
	# one that is denied leaves nothing connected
	/usr/bin/git commit -q --amend -m other
	run git push -f origin main
	[ "$status" -eq 126 ]
	until_true nothing_left
}

nothing_left() {
	[ -z "$(folders)" ] &&
		[ -z "$(pgrep -f "$XDG_RUNTIME_DIR/automode/carry")" ]
}

@test "who pushes between question and push is not overwritten" {
	/usr/bin/git clone -q "$HOME/project.git" ../ben
	/usr/bin/git -C ../ben -c user.name=Ben -c user.email=b@x \
	    commit -q --allow-empty -m ben
	change
	hook <<-EOF
		touch .git/asked
		for i in \$(seq 600); do [ -e .git/pushed ] && break; sleep .1; done
	EOF
	git push origin main >push.out 2>&1 &
	pusher=$!
	for _ in $(seq 600); do [ -e .git/asked ] && break; sleep .1; done
	/usr/bin/git -C ../ben push -q origin main
	touch .git/pushed
	wait "$pusher" && status=0 || status=$?
	cat push.out
	[ "$status" -eq 1 ]
	[ "$(head_of project.git main)" = "$(head_of ben HEAD)" ]
	grep -q 'rejected' push.out
}

@test "interrupted: nothing is left behind" {
	hook <<<'sleep 60'
	change
	timeout -s INT 3 git push origin main || true
	until_true nothing_left
}
