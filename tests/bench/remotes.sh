# SPDX-License-Identifier: Apache-2.0
# Speed of push and fetch over ssh and https on loopback, through the shim and
# in bare bwrap with an open network.  Part of run.sh.
# shellcheck shell=bash disable=SC2154

PATH=${plain_path:=$PATH} # no shims among the services
# shellcheck source=tests/services/ssh.bash
. "$here/../services/ssh.bash"
# shellcheck source=tests/services/https.bash
. "$here/../services/https.bash"
trap 'ssh_stop; https_stop; finish' EXIT
unset SSH_AUTH_SOCK GIT_SSH GIT_SSH_COMMAND GIT_SSL_CAINFO

chmod 711 "$world" # Apache does not serve as root
served=$world/served
ssh_start "$world/sshd" && https_start "$world/https" || exit 1
ssh_person "$HOME"
$git config --global http.sslCAInfo "$https_ca"
$git config --global credential.helper store
printf 'https://%s:%s@localhost:%s\n' "$https_user" "$https_password" \
	"$https_port" >"$HOME/.git-credentials"
chmod 600 "$HOME/.git-credentials"
$git config --global --add safe.directory '*'

$git init -q "$world/seed" && cd "$world/seed" || exit 1
for i in $(seq 100); do echo "file $i" >"f$i"; done
$git add . && $git commit -qm seed
mkdir "$served"
for i in push fetch; do
	$git clone -q --bare . "$served/ssh-$i.git"
	https_repository "https-$i.git" .
	ssh_git "$HOME" clone -q "$(ssh_url "$served/ssh-$i.git")" \
		"$HOME/ssh-$i" || exit 1
	$git clone -q "$https_url/git/https-$i.git" "$HOME/https-$i" || exit 1
done
cd "$HOME" && sleep 0.1
code=$("$automode" env --session "bench-remotes") || exit 1
eval "$code"

# DIR: one more commit on its main
more='d=%s; r=$(/usr/bin/git -C "$d" commit-tree -p main -m more main^{tree}) &&
	/usr/bin/git -C "$d" update-ref refs/heads/main "$r"'
bare=(/usr/bin/bwrap --unshare-all --share-net --die-with-parent --new-session
	--ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --bind "$world" "$world"
	--setenv PATH /usr/bin:/bin
	# ssh knows another home than $HOME
	--setenv GIT_SSH_COMMAND "ssh -F none -o BatchMode=yes \
-i $HOME/.ssh/id_ed25519 -o UserKnownHostsFile=$HOME/.ssh/known_hosts")

compare() { # KIND (ssh, https) WHAT (push, fetch) FOLDER-THAT-GROWS
	local prepare m work=$HOME/$1-$2
	# shellcheck disable=SC2059
	printf -v prepare "$more" "$3"
	cd "$work" || exit 1
	mapfile -t m < <("$spawn" "${BENCH_REMOTE_ROUNDS:-15}" -p "$prepare" \
		"${bare[@]}" --chdir "$work" $git "$2" -q origin main :: \
		"$build/lib/automode/shims/git" "$2" -q origin main)
	read -r a _ bad <<<"${m[0]}"
	read -r b _ bad2 <<<"${m[1]}"
	[ "$bad" = 0 ] && [ "$bad2" = 0 ] || {
		echo "a run failed: $bad $bad2"
		over=$((over + 1))
	}
	echo "git $2 over $1: bwrap $(ms "$a") ms, shim $(ms "$b") ms"
	report "git $2 over $1: shim / bare bwrap" \
		"$(awk -v a="$b" -v b="$a" 'BEGIN { printf "%.2f", a / b }')" 1.3 x
}
compare ssh fetch "$served/ssh-fetch.git"
compare ssh push "$HOME/ssh-push"
compare https fetch "$https_root/https-fetch.git"
compare https push "$HOME/https-push"

ssh_stop
https_stop
trap finish EXIT
