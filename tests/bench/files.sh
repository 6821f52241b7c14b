# SPDX-License-Identifier: Apache-2.0
# Speed of removal and of undo.  Part of run.sh.
# shellcheck shell=bash disable=SC2154

# In memory, where a plain rm is quickest: a file system on a disk may take a
# minute (ext4 mounted with discard).
area=$(mktemp -d "${BENCH_AREA:-/dev/shm}/automode-bench.XXXXXX")
make_tree() {
	python3 - "$1" <<'X'
import os, sys
for d in range(500):
    os.makedirs(f"{sys.argv[1]}/d{d:03}")
    for f in range(100):
        with open(f"{sys.argv[1]}/d{d:03}/f{f:02}", "w") as o:
            o.write(f"{d} {f}\n")
X
}
now() { date +%s%N; }
plains=() ours=() backs=()
for i in 1 2 3; do
	make_tree "$area/plain$i"
	make_tree "$area/kept$i"
done
sleep 0.1 # what follows is an older thing than the session
code=$("$automode" env --session "bench-files") || exit 1
eval "$code"
rm=$build/lib/automode/shims/rm
cd "$area" || exit 1
for i in 1 2 3; do
	a=$(now)
	/usr/bin/rm -rf "plain$i"
	b=$(now)
	"$rm" -rf "kept$i" 2>/dev/null || over=$((over + 1))
	c=$(now)
	"$automode" undo >/dev/null || over=$((over + 1))
	d=$(now)
	[ -e "kept$i/d499/f99" ] || { echo "not put back"; over=$((over + 1)); }
	plains+=($(((b - a) / 1000))) ours+=($(((c - b) / 1000)))
	backs+=($(((d - c) / 1000)))
done
middle() { printf '%s\n' "$@" | sort -n | sed -n 2p; }
p=$(middle "${plains[@]}") o=$(middle "${ours[@]}") u=$(middle "${backs[@]}")
echo "rm -rf of 50,000 files: plain $(ms "$p") ms, shim $(ms "$o") ms"
report "rm -rf of 50,000 files: shim / plain" \
	"$(awk -v a="$o" -v b="$p" 'BEGIN { printf "%.2f", a / b }')" 0.3 x
report "undo of it" "$(ms "$u")" 100 ms

mkdir "$HOME/tracked" && cd "$HOME/tracked" || exit 1
/usr/bin/git init -q . && echo one >f && /usr/bin/git add f &&
	/usr/bin/git -c user.name=A -c user.email=a@x commit -qm f
sleep 0.1
code=$("$automode" env --session "bench-one") || exit 1
eval "$code"
mapfile -t m < <("$spawn" 40 -p "echo one >$HOME/tracked/f" \
	/usr/bin/bwrap --unshare-all --die-with-parent --new-session \
	--ro-bind /usr /usr --symlink usr/lib /lib --symlink usr/lib64 /lib64 \
	--ro-bind /etc/ld.so.cache /etc/ld.so.cache --proc /proc --dev /dev \
	--bind "$HOME/tracked" "$HOME/tracked" --chdir "$HOME/tracked" \
	/usr/bin/rm f :: "$rm" f)
report "rm of one tracked file: shim / bare bwrap rm" \
	"$(awk -v a="${m[1]%% *}" -v b="${m[0]%% *}" 'BEGIN { printf "%.2f", a / b }')" 1.5 x
sed -n 's/^stash //p' "$AUTOMODE_STATE_DIR"/vault/files/entries/*/manifest |
	grep automode-vault | xargs -r -d '\n' /usr/bin/rm -rf --
rmdir "$(dirname "$area")/.automode-vault-$(id -u)" 2>/dev/null
cd / && /usr/bin/rm -rf "$area"
