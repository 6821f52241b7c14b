# SPDX-License-Identifier: Apache-2.0
# A real sshd for tests: on loopback, on a free port, with keys of its own,
# as the user who runs the test.  shellcheck shell=bash
#
#	ssh_start DIR     keys, configuration and log below DIR; sets ssh_port
#	ssh_person HOME   ~/.ssh of a person who may log in there: an
#	                  unencrypted key, known_hosts
#	ssh_stop          ends it
#
# ssh_host is 127.0.0.1 unless set before; ssh_user is who logs in.

# shellcheck source=tests/services/port.bash
. "${BASH_SOURCE[0]%/*}/port.bash"

: "${ssh_host:=127.0.0.1}"
ssh_user=$(id -un)

ssh_listens() {
	(exec 3<>"/dev/tcp/$ssh_host/$ssh_port") 2>/dev/null
}

ssh_start() {
	ssh_dir=$1
	mkdir -p "$ssh_dir"
	chmod 700 "$ssh_dir"
	[ -e "$ssh_dir/host" ] ||
		ssh-keygen -q -t ed25519 -N '' -C host -f "$ssh_dir/host"
	[ -e "$ssh_dir/key" ] ||
		ssh-keygen -q -t ed25519 -N '' -C person -f "$ssh_dir/key"
	cp "$ssh_dir/key.pub" "$ssh_dir/authorized_keys"
	ssh_port=$(free_port "$ssh_host")
	cat >"$ssh_dir/sshd_config" <<END
Port $ssh_port
ListenAddress $ssh_host
HostKey $ssh_dir/host
AuthorizedKeysFile $ssh_dir/authorized_keys
PidFile $ssh_dir/pid
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PubkeyAuthentication yes
AcceptEnv GIT_PROTOCOL
# bash reads the account's ~/.bashrc for sshd only as the outermost shell
SetEnv SHLVL=2
MaxStartups 100
LogLevel VERBOSE
PermitRootLogin yes
END
	# sshd wants the folder of its privilege separation when run by root
	[ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
	/usr/sbin/sshd -f "$ssh_dir/sshd_config" -E "$ssh_dir/log" || return 1
	for _ in $(seq 600); do
		ssh_listens && [ -s "$ssh_dir/pid" ] && return 0
		sleep 0.02
	done
	cat "$ssh_dir/log" >&2
	return 1
}

ssh_person() {
	local home=$1
	mkdir -p "$home/.ssh"
	chmod 700 "$home/.ssh"
	cp "$ssh_dir/key" "$home/.ssh/id_ed25519"
	cp "$ssh_dir/key.pub" "$home/.ssh/id_ed25519.pub"
	chmod 600 "$home/.ssh/id_ed25519"
	printf '[%s]:%s %s\n' "$ssh_host" "$ssh_port" \
	    "$(cut -d' ' -f1,2 "$ssh_dir/host.pub")" >>"$home/.ssh/known_hosts"
}

# The address of a path there.
ssh_url() {
	printf 'ssh://%s@%s:%s%s\n' "$ssh_user" "$ssh_host" "$ssh_port" "$1"
}

ssh_stop() {
	[ -s "${ssh_dir:-}/pid" ] || return 0
	kill "$(cat "$ssh_dir/pid")" 2>/dev/null || true
	/bin/rm -f "$ssh_dir/pid"
}

# git as a colleague would run it, past automode: ssh_git HOME WORD...
ssh_git() {
	local home=$1
	shift
	HOME=$home GIT_SSH_COMMAND="ssh -F none -o BatchMode=yes \
-i $home/.ssh/id_ed25519 -o UserKnownHostsFile=$home/.ssh/known_hosts" \
		/usr/bin/git "$@"
}
