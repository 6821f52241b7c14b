#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ssh as the person has set it up: hosts, keys, agents, known_hosts; and that
# none of it is to be had in a box.

load world
# shellcheck source=../services/ssh.bash
source "$BATS_TEST_DIRNAME/../services/ssh.bash"

setup() {
	make_world
	unset SSH_AUTH_SOCK SSH_AGENT_PID GIT_SSH GIT_SSH_COMMAND
	ssh_start "$world/sshd"
	ssh_person "$HOME"
	make_repo
	/usr/bin/git remote set-url origin "$(ssh_url "$HOME/project.git")"
	keys=$HOME/.ssh
	config
	only_git
}

# As the agent, but only git by its shim: the tests look at what an agent has
# no business with.
only_git() {
	PATH=$plain_path
	as_agent
	agent_git=${PATH%%:*}/git
	PATH=$plain_path
}

git() { "$agent_git" "$@"; }

teardown() {
	[ -z "${SSH_AGENT_PID:-}" ] || kill "$SSH_AGENT_PID" || true
	ssh_stop
	end_world
}

# Host blocks that all lead to the one server: "NAME LINE..." each.
config() {
	local name line
	: >"$keys/config"
	for line in "plain" "moved HostKeyAlias server" "jump ProxyJump plain" \
	    "old ProxyCommand ssh -W %h:%p plain" \
	    "netcat ProxyCommand nc %h %p" \
	    "locked IdentityFile ~/.ssh/locked" \
	    "pem IdentityFile ~/.ssh/pem" "stranger IdentityFile ~/.ssh/no"; do
		name=${line%% *}
		printf 'Host %s\n HostName %s\n Port %s\n User %s\n %s\n' \
		    "$name" "$ssh_host" "$ssh_port" "$ssh_user" \
		    "${line#"$name"}" >>"$keys/config"
		case $line in
		*IdentityFile*) echo " IdentitiesOnly yes" >>"$keys/config" ;;
		esac
	done
}

reach() {
	run timeout 30 "$agent_git" ls-remote "$1:$HOME/project.git" refs/heads/main
}

new_key() { # NAME PASSPHRASE [OPTION...]
	local name=$1 phrase=$2
	shift 2
	ssh-keygen -q -t rsa -b 2048 -N "$phrase" -f "$keys/$name" "$@"
	cat "$keys/$name.pub" >>"$ssh_dir/authorized_keys"
}

# An agent of the person, with the key of that name in it.
person_agent() {
	eval "$(ssh-agent -s)" >/dev/null
	export SSH_AUTH_SOCK SSH_AGENT_PID
	printf '#!/bin/sh\necho secret\n' >"$world/askpass"
	chmod +x "$world/askpass"
	SSH_ASKPASS=$world/askpass SSH_ASKPASS_REQUIRE=force \
	    ssh-add -q "$keys/$1" </dev/null
}

@test "aliases, jumps and other keys of ~/.ssh/config" {
	new_key pem '' -m PEM
	for host in plain jump old pem; do
		reach "$host"
		[ "$status" -eq 0 ]
		[[ "$output" == *refs/heads/main ]]
	done
	ssh-keygen -q -H -f "$keys/known_hosts"
	reach plain
	[ "$status" -eq 0 ]
}

@test "what is not carried is named" {
	reach netcat
	[ "$status" -ne 0 ]
	[[ "$output" == *"ProxyCommand for netcat (nc %h %p)"* ]]
	reach moved
	[ "$status" -ne 0 ]
	[[ "$output" == *"host key of moved is not known"*"ssh -p $ssh_port $ssh_user@moved"* ]]
	echo "server $(cut -d' ' -f1,2 "$ssh_dir/host.pub")" \
	    >>"$keys/known_hosts"
	reach moved
	[ "$status" -eq 0 ]
}

@test "another host key than the known one is not accepted" {
	new_key other ''
	printf '# first\n\n[%s]:%s %s\n' "$ssh_host" "$ssh_port" \
	    "$(cut -d' ' -f1,2 "$keys/other.pub")" >"$world/known"
	cp "$world/known" "$keys/known_hosts"
	reach plain
	[ "$status" -ne 0 ]
	[[ "$output" != *refs/heads/main* ]]
	cmp "$world/known" "$keys/known_hosts"
	sed -i 's/ssh-rsa .*/ssh-ed25519 /' "$world/known"
	ssh-keygen -q -t ed25519 -N '' -f "$world/ed"
	printf '# first\n\n[%s]:%s %s\n' "$ssh_host" "$ssh_port" \
	    "$(cut -d' ' -f1,2 "$world/ed.pub")" >"$world/known"
	cp "$world/known" "$keys/known_hosts"
	reach plain
	[ "$status" -ne 0 ]
	[[ "$output" == *"IDENTIFICATION HAS CHANGED"* ]]
	[[ "$output" == *"$keys/known_hosts:3"* ]]
	printf '@revoked * %s\n' "$(cut -d' ' -f1,2 "$ssh_dir/host.pub")" \
	    >>"$keys/known_hosts"
	reach plain
	[ "$status" -ne 0 ]
	[[ "$output" == *REVOKED* ]]
}

@test "a key with a passphrase: the person's agent, or a word about it" {
	new_key locked secret
	reach locked
	[ "$status" -ne 0 ]
	[[ "$output" == *"$keys/locked has a passphrase"*ssh-add* ]]
	# an agent that this session starts is not the person's
	person_agent locked
	reach locked
	[ "$status" -ne 0 ]
	[[ "$output" == *"made by this session"* ]]
	only_git
	reach locked
	[ "$status" -eq 0 ]
	[ "$(ssh-add -l | wc -l)" -eq 1 ]
}

@test "the person's core.sshCommand: options are honoured, wrappers named" {
	new_key pem ''
	/usr/bin/git config --global core.sshCommand \
	    "ssh -i ~/.ssh/pem -o IdentitiesOnly=yes"
	run git ls-remote origin
	[ "$status" -eq 0 ]
	grep 'Accepted key' "$ssh_dir/log" | tail -n 1 | grep RSA
	/usr/bin/git config --global core.sshCommand \
	    "ssh -v; touch $HOME/RAN"
	run git ls-remote origin
	[ "$status" -ne 0 ]
	[[ "$output" == *"core.sshCommand ($HOME/.gitconfig)"* ]]
	/usr/bin/git config --global --unset core.sshCommand
	/usr/bin/git config core.sshCommand "touch $HOME/RAN; ssh"
	run git ls-remote origin
	[ "$status" -eq 0 ]
	[[ "$output" == *"core.sshCommand of "*" is not used"* ]]
	[ ! -e "$HOME/RAN" ]
}

# PIDs of the ssh in its box, and of git in its own.
boxed() {
	pgrep -f "$HOME/project.git|push -q origin" | while read -r p; do
		case $(readlink "/proc/$p/exe") in
		*/ssh | */git | */box-transport) ;;
		*) continue ;;
		esac
		[ "$(readlink "/proc/$p/ns/mnt")" = \
		    "$(readlink /proc/self/ns/mnt)" ] || echo "$p"
	done
}

@test "no key, no agent of the person's is seen in either box" {
	local secret p seen=0
	new_key locked secret
	person_agent locked
	only_git
	printf '#!/bin/sh\ntouch %s/IN; while [ ! -e %s/OUT ]; do sleep 0.1; done\n' \
	    "$world" "$world" >"$HOME/project.git/hooks/pre-receive"
	chmod +x "$HOME/project.git/hooks/pre-receive"
	secret=$(sed -n 2p "$keys/id_ed25519")
	echo x >>file
	/usr/bin/git commit -qam x
	git push -q origin main 3>&- &
	for _ in $(seq 600); do [ -e "$world/IN" ] && break; sleep 0.1; done
	for p in $(boxed); do
		seen=$((seen + 1))
		[ -z "$(grep -aF -e SSH_AUTH -e "$secret" "/proc/$p/environ")" ]
		[ -z "$(grep -aF -e "$SSH_AUTH_SOCK" "/proc/$p/cmdline")" ]
		[ ! -e "/proc/$p/root$SSH_AUTH_SOCK" ]
		[ ! -e "/proc/$p/root$keys/id_ed25519" ]
		[ -z "$(grep -rsF -e "$secret" -e 'PRIVATE KEY' \
		    "/proc/$p/root/run" "/proc/$p/root/tmp" \
		    "/proc/$p/root/etc" "/proc/$p/root$keys")" ]
	done
	touch "$world/OUT"
	wait %1
	[ "$seen" -ge 2 ]
	# the agent that held the key has gone, with its folder
	[ -z "$(pgrep -f "ssh-agent -D -a $XDG_RUNTIME_DIR")" ]
	[ -z "$(find "$XDG_RUNTIME_DIR" -name 'carry-*')" ]
}

# One world of files for scp, sftp and rsync, which run outside of any box.
fetching() {
	command -v rsync >/dev/null || skip "needs rsync"
	ls /usr/lib/openssh/sftp-server >/dev/null || skip "needs sftp"
	mkdir -p "$HOME/there/tree/deep"
	echo new >"$HOME/there/f"
	echo deep >"$HOME/there/tree/deep/g"
	ssh_stop
	until_true ssh_gone
	echo "Subsystem sftp /usr/lib/openssh/sftp-server" >>"$ssh_dir/sshd_config"
	/usr/sbin/sshd -f "$ssh_dir/sshd_config" -E "$ssh_dir/log"
	until_true ssh_listens
	cat >"$world/lines" <<-END
		o=(-i "$keys/id_ed25519" -o StrictHostKeyChecking=accept-new -o UserKnownHostsFile="$world/known")
		far=$ssh_user@$ssh_host:$HOME/there
		p=$ssh_port
	END
	cat >>"$world/lines" <<-'END'
		e="ssh -p $p ${o[*]}"
		say() {
			"$@" 2>&1 | sed -E 's/[0-9,.]+ (bytes|B).*/N/; s/#[0-9]+/#N/'
			echo "= ${PIPESTATUS[0]}"
		}
		say scp -P $p "${o[@]}" $far/f in/f
		say scp -q -P $p "${o[@]}" $far/f in/
		say scp -p -O -P $p "${o[@]}" $far/f $far/none new
		say scp -P $p "${o[@]}" $far/f $far/tree/deep/g in/
		say scp -rp -P $p "${o[@]}" $far/tree tree
		say scp -P $p "${o[@]}" $far/f link
		say scp -P $p "${o[@]}" $far/f none/f
		say sftp -P $p "${o[@]}" $far/f in/s
		printf '%s\n' lmkdir\ l lcd\ l "get ${far#*:}/f" >batch
		say sftp -q -b batch -P $p "${o[@]}" ${far%%:*}
		say rsync -rtv -e "$e" $far/f in/r
		say rsync -a -e "$e" $far/tree $far/f fresh
		say rsync -a --partial-dir=.part -e "$e" $far/f in/part
		say rsync -a --temp-dir="$PWD/elsewhere" -e "$e" $far/tree in/
		say rsync -aH --numeric-ids --delay-updates --backup-dir="$PWD/old" -e "$e" $far/tree/ fresh2
		say stat -c '%n %a %u %Y' tree tree/*/g fresh/* in/r in/tree in/part fresh2
	END
}

ssh_gone() { ! ssh_listens; }

begin_fetching() {
	/bin/rm -rf "$HOME/fetch" "$world/known"
	mkdir -p "$HOME/fetch/in" "$HOME/fetch/elsewhere"
	cd "$HOME/fetch" || return 1
	echo old | tee in/f >elsewhere/f
	ln -s elsewhere/f link
}

fetched() {
	(cd "$HOME/fetch" && find . -type f -exec md5sum {} + | LC_ALL=C sort -k2
		find . -printf '%p %y %m %l\n' | LC_ALL=C sort)
	wc -l <"$world/known"
}

@test "what is fetched by scp, sftp and rsync arrives as without the gateway" {
	fetching
	begin_fetching
	PATH=/usr/bin:/bin bash "$world/lines" >"$world/plain" || true
	fetched >"$world/plain.tree"
	begin_fetching
	(as_agent && "$automode" status >/dev/null && bash "$world/lines") |
		grep -vE '^automode: (kept|undo)' >"$world/shims" || true
	fetched >"$world/shims.tree"
	cat "$world/shims"
	diff "$world/plain" "$world/shims"
	diff "$world/plain.tree" "$world/shims.tree"
}

# The other machine takes its time; meanwhile the folder that was judged goes,
# and a link stands there.
@test "a link that comes between leads nothing that is fetched astray" {
	fetching
	python3 -c 'import ctypes, sys
sys.exit(ctypes.CDLL(None).syscall(444, None, 0, 1) < 2)' ||
		skip "this kernel has no Landlock that would do"
	begin_fetching
	cat >"$world/swap" <<-END
		#!/bin/bash
		cd "$HOME/fetch" && mv in aside && ln -s ../.ssh in
		[[ \$SSH_ORIGINAL_COMMAND == *sftp* ]] &&
			exec /usr/lib/openssh/sftp-server
		exec bash -c "\$SSH_ORIGINAL_COMMAND"
	END
	chmod 755 "$world/swap"
	sed -i "s,^,command=\"$world/swap\" ," "$ssh_dir/authorized_keys"
	sed '/^\t*say/,$d' "$world/lines" >"$world/head"
	n=0
	for line in 'scp -P $p "${o[@]}" $far/f in/f' \
	    'scp -q -O -p -P $p "${o[@]}" $far/f in' \
	    'sftp -q -P $p "${o[@]}" $far/f in/f' \
	    'rsync -a -e "$e" $far/f in/f' 'rsync --inplace -e "$e" $far/f in/' \
	    'rsync -a --temp-dir="$HOME/fetch/elsewhere" -e "$e" $far/f in/' \
	    'rsync -a --partial-dir=.p -e "$e" $far/f in/'; do
		n=$((n + 1))
		for by in /usr/bin shims; do
			echo mine >"$keys/f"
			(
				[ "$by" != shims ] || as_agent --session "n$n"
				[ "$by" = shims ] || line=$by/$line
				. "$world/head"
				! eval "$line"
			) || [ "$by" != shims ]
			grep -q "$([ "$by" = shims ] && echo mine || echo new)" \
				"$keys/f"
			[ -L in ]
			/bin/rm -f in
			mv aside in
		done
	done
}

# No domain knows of them: what fetches files by ssh sets them by what a name
# leads to at that moment, if that lies where the files arrive.
@test "modes, owners and times are set where files arrive, and nowhere else" {
	mkdir -p "$HOME/in/sub" "$HOME/out"
	chmod 755 "$HOME/out"
	touch "$HOME/in/f" "$HOME/in/sub/f" "$HOME/out/f"
	ln -s ../out "$HOME/in/link"
	ln -s f "$HOME/in/here"
	chmod 600 "$HOME/in/sub/f" "$HOME/out/f"
	touch -hd 2001-01-01 "$HOME"/*/f "$HOME/in/here" "$HOME/in/sub/f"
	cat >"$world/enter.py" <<-'END'
		import ctypes, os, sys
		at, lib = sys.argv[1:]
		call = ctypes.CDLL(None).syscall
		rights = ctypes.c_uint64(1 << 7)  # MAKE_DIR
		fd = call(444, ctypes.byref(rights), ctypes.c_size_t(8), 0)
		if fd < 0:
		    sys.exit(9)
		os.set_inheritable(fd, True)
		st = os.stat(at)
		os.environ.update(AUTOMODE_CONFINE=str(fd), LD_PRELOAD=lib,
		    AUTOMODE_CONFINE_NOW="1",
		    AUTOMODE_CONFINE_AT=f"1:2 {st.st_dev}:{st.st_ino} ")
		os.execvp("python3", ["python3", "-c", """
		import os, sys
		def no(f, *a, **k):
		    try:
		        f(*a, **k)
		    except PermissionError:
		        return
		    sys.exit(f"{f} {a}")
		at, me = "in/", (os.getuid(), os.getgid())
		os.chmod("in/f", 0o640)
		os.chmod("in/sub", 0)
		os.chmod("in/sub", 0o750)
		os.chmod("in", 0o710)
		os.utime("in/sub/f", (5, 5))
		os.utime("in/here", (7, 7))
		os.utime("in/here", (9, 9), follow_symlinks=False)
		os.lchown("in/here", *me)
		os.chown("in/f", *me)
		try:
		    os.setxattr("in/f", "user.a", b"b")
		except OSError as e:
		    if e.errno != 95:
		        raise
		for f in ("out/f", "in/link/f", "in/../out/f", "in/link", "out", "."):
		    no(os.chmod, f, 0o666)
		    no(os.utime, f, (3, 3))
		    no(os.chown, f, *me)
		    no(os.setxattr, f, "user.a", b"b")
		no(os.mkdir, "in/new")
		"""])
	END
	cd "$HOME"
	lib=$("$automode" env | sed -n "s/.*PATH='\{0,1\}\([^:']*\)shims:.*/\1/p" |
		head -n 1)confine.so
	[ -e "$lib" ]
	run python3 "$world/enter.py" in "$lib"
	[ "$status" != 9 ] || skip "this kernel has no Landlock"
	echo "$output"
	[ "$status" = 0 ]
	stat -c '%n %a %Y' in/f in/here in/sub/f out/f | diff - <(
		printf '%s\n' "in/f 640 7" "in/here 777 9" "in/sub/f 600 5" \
			"out/f 600 $(date -d 2001-01-01 +%s)")
	stat -c '%n %a' in in/sub out | diff - <(
		printf '%s\n' "in 710" "in/sub 750" "out 755")
}
