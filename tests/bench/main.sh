# SPDX-License-Identifier: Apache-2.0
# git through shim, gateway and box; the gateway itself; shells.  Part of
# run.sh.
# shellcheck shell=bash disable=SC2154

rounds=${BENCH_ROUNDS:-200}

make_small() {
	$git init -q "$world/small" && cd "$world/small" || exit 1
	for i in $(seq 200); do
		mkdir -p "d$((i % 10))"
		echo "file $i" >"d$((i % 10))/f$i"
	done
	$git add . && $git commit -qm files
}

make_history() { # 20,000 commits, 400 refs
	$git init -q "$world/history" && cd "$world/history" || exit 1
	awk 'BEGIN {
		for (i = 1; i <= 20000; i++) {
			printf "commit refs/heads/main\nmark :%d\n", i
			printf "committer A <a@x> %d +0000\n", 1600000000 + i * 60
			printf "data 2\nc\n"
			if (i == 1) printf "M 644 inline f\ndata 2\nx\n"
			if (i % 50 == 0)
				printf "reset refs/heads/b%d\nfrom :%d\n\n", i, i
		}
		for (i = 1; i <= 5; i++) {
			printf "commit refs/heads/idea\n"
			printf "committer A <a@x> %d +0000\n", 1700000000 + i
			printf "data 5\nidea\n"
			if (i == 1) printf "from :15000\n"
		}
	}' | $git fast-import --quiet
	$git reset -q --hard main
}

make_large() { # 50,000 files
	$git init -q "$world/large" && cd "$world/large" || exit 1
	python3 - <<'X'
import os
for d in range(500):
    os.mkdir(f"d{d:03}")
    for f in range(100):
        with open(f"d{d:03}/f{f:02}", "w") as o:
            o.write(f"{d} {f}\n" * 5)
X
	$git add . && $git commit -qm large
	sleep 1.1 # not racily clean
	$git update-index -q --refresh
}

make_small
make_history
make_large
sync # what the making left for the disk is not the measured commands'
cd "$world/small" || exit 1
code=$("$automode" env) || exit 1
eval "$code"
shim=$build/lib/automode/shims/git
$shim status >/dev/null

mkdir "$world/plan"
read -r -a box < <("$build/tests/bench_plan" "$world/plan" git status)
mapfile -t m < <("$spawn" "$rounds" $git status :: "${box[@]}" :: \
	"$shim" status)
read -r plain _ _ <<<"${m[0]}"
read -r boxed _ bad <<<"${m[1]}"
read -r shimmed _ bad2 <<<"${m[2]}"
[ "$bad" = 0 ] && [ "$bad2" = 0 ] || { echo "a run failed: $bad $bad2"; over=$((over + 1)); }
echo "git status, 200 files: plain $(ms "$plain") ms, bwrap $(ms "$boxed") ms, shim $(ms "$shimmed") ms"
report "git status: shim / bare bwrap with the same box" \
	"$(awk -v a="$shimmed" -v b="$boxed" 'BEGIN { printf "%.2f", a / b }')" 1.35 x

socket=$XDG_RUNTIME_DIR/automode/shim.sock
v=$("$build/tests/bench_check" "$socket" "$rounds" git status | cut -d' ' -f1)
report "verdict alone: git status" "$(ms "$v")" 1.5 ms
v=$("$build/tests/bench_check" "$socket" "$rounds" git push --frob | cut -d' ' -f1)
report "verdict alone: git push --frob (refused)" "$(ms "$v")" 1.5 ms
v=$("$build/tests/bench_check" "$socket" "$rounds" git reset --hard | cut -d' ' -f1)
report "verdict with a look at 200 files: git reset --hard" "$(ms "$v")" 3 ms

cd "$world/history" || exit 1
v=$("$build/tests/bench_check" "$socket" 20 git branch -D idea | cut -d' ' -f1)
report "verdict: branch -D, 20,000 commits, 400 refs" "$(ms "$v")" 120 ms

cd "$world/large" || exit 1
mapfile -t m < <("$spawn" 15 $git reset -q --hard :: "$shim" reset -q --hard)
v=$(awk -v a="${m[1]%% *}" -v b="${m[0]%% *}" 'BEGIN { printf "%.1f", (a - b) / 1000 }')
report "reset --hard, 50,000 files, clean: more than plain" "$v" 200 ms
cat >"$world/dirty" <<'X'
for i in $(seq 10 19); do for j in 00 11 22 33 44 55 66 77 88 99; do echo "$$ $i" >d0$i/f$j; done; done
X
mapfile -t m < <("$spawn" 15 -p "cd $world/large && . $world/dirty" \
	$git reset -q --hard :: "$shim" reset -q --hard)
v=$(awk -v a="${m[1]%% *}" -v b="${m[0]%% *}" 'BEGIN { printf "%.1f", (a - b) / 1000 }')
report "the same with 100 dirty files: more than plain" "$v" 700 ms

cd "$world/small" || exit 1
pid=$(cat "$XDG_RUNTIME_DIR/automode/gateway.pid")
memory() { # private kB, resident kB, once the spare workers are there again
	sleep 2
	awk '/^Private_(Clean|Dirty)/ { p += $2 } /^Rss/ { r = $2 }
		END { print p, r }' "/proc/$pid/smaps_rollup"
}
read -r private resident < <(memory)
report "idle gateway, private" "$(awk -v a="$private" 'BEGIN { printf "%.1f", a / 1024 }')" 6 MB
report "idle gateway, resident" "$(awk -v a="$resident" 'BEGIN { printf "%.1f", a / 1024 }')" 24 MB
"$build/tests/bench_check" "$socket" "${BENCH_MANY:-10000}" git status >/dev/null
read -r later _ < <(memory)
report "growth over ${BENCH_MANY:-10000} invocations" \
	"$(awk -v a="$private" -v b="$later" 'BEGIN { printf "%.2f", (b - a) / 1024 }')" 0.5 MB

# the best of three: what is measured is the relay, not who else is at work
best=0 direct=0
for i in 1 2 3; do
	read -r v d < <("$build/tests/bench_relay" "${BENCH_RELAY_MB:-4096}")
	awk -v a="${v:-0}" -v b="$best" 'BEGIN { exit !(a > b) }' && best=$v direct=$d
done
report_least "relay out of a box (without it $direct GB/s)" "$best" 1.0 GB/s

failed=0
for i in $(seq 64); do
	"$shim" rev-parse HEAD >"$world/o.$i" 2>&1 &
done
wait
for i in $(seq 64); do
	cmp -s "$world/o.$i" <($git rev-parse HEAD) || failed=$((failed + 1))
done
report "64 shims at once: failures" "$failed" 0 ""

# nothing was fetched: what a build pays for each of its shells
mapfile -t m < <("$spawn" $((rounds * 5)) /bin/sh -c : :: "$(command -v sh)" -c :)
read -r _ plain _ <<<"${m[0]}"
read -r _ shimmed _ <<<"${m[1]}"
report "sh -c : by way of its shim / plain (tenth percentile)" \
	"$(awk -v a="$shimmed" -v b="$plain" 'BEGIN { printf "%.2f", a / b }')" 1.15 x
