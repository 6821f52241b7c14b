#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs what automode is built, run and tested with: Debian 12 packages.
set -eu

build="gcc clang make pkg-config libc6-dev libgit2-dev libtalloc-dev
libcjson-dev libsqlite3-dev libsodium-dev libseccomp-dev libpcre2-dev
libbsd-dev libcurl4-openssl-dev libarchive-dev zlib1g-dev libpq-dev libpg-query-dev libclang-rt-14-dev"
run="bubblewrap git"
tests="libcmocka-dev bats python3 clang-format mandoc shellcheck util-linux
procps apache2-bin openssl postgresql-15 mariadb-server mariadb-client
redis-server redis-tools openssh-server openssh-client gnupg git-lfs gh less
sqlite3 bsdmainutils tmux vim nano podman busybox-static
curl wget netcat-openbsd ncat httpie iproute2 iputils-ping bind9-dnsutils
bind9-host socat strace rsync zip unzip patch acl"

want=
for p in $build $run $tests; do
	if ! dpkg-query -W -f '${Status}' "$p" 2>/dev/null |
	    grep -q 'ok installed'; then
		want="$want $p"
	fi
done
if [ -z "$want" ]; then
	echo "deps: everything is installed"
	exit 0
fi
if ! command -v apt-get >/dev/null 2>&1; then
	echo "deps: this is not Debian; install the counterparts of:$want" >&2
	exit 1
fi
sudo=
if [ "$(id -u)" -ne 0 ]; then
	if ! command -v sudo >/dev/null 2>&1; then
		echo "deps: not root and no sudo; as root: apt install$want" >&2
		exit 1
	fi
	sudo=sudo
fi
echo "deps: installing$want"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -q >/dev/null
# shellcheck disable=SC2086 # a list of words
$sudo apt-get install -q -y --no-install-recommends $want >/dev/null
echo "deps: done"
