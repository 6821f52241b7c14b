# SPDX-License-Identifier: Apache-2.0
# Speed of curl on loopback, through the shim and in bare bwrap with an open
# network.  Part of run.sh.
# shellcheck shell=bash disable=SC2154

unset http_proxy https_proxy all_proxy ALL_PROXY no_proxy

mkdir -p "$HOME/send"
/usr/bin/git init -q "$HOME/send"
cd "$HOME/send" || exit 1
python3 "$here/../services/pages.py" "$world/pages.port" &
pages=$!
trap 'kill $pages; finish' EXIT
for _ in $(seq 100); do
	[ -s "$world/pages.port" ] && break
	sleep 0.05
done
at=http://127.0.0.1:$(cat "$world/pages.port")
code=$("$automode" env --session "bench-senders") || exit 1
eval "$code"
curl=$build/lib/automode/shims/curl
bare=(/usr/bin/bwrap --unshare-all --share-net --die-with-parent --new-session
	--ro-bind / / --dev /dev --proc /proc --tmpfs /tmp --bind "$world" "$world"
	--chdir "$HOME/send" /usr/bin/curl)

ratio_of() { # WHAT LIMIT ARGS...
	local m a b bad bad2 what=$1 limit=$2
	shift 2
	mapfile -t m < <("$spawn" "${BENCH_SEND_ROUNDS:-60}" -p "rm -f $HOME/send/page.new" "${bare[@]}" "$@" :: \
		"$curl" "$@")
	read -r a _ bad <<<"${m[0]}"
	read -r b _ bad2 <<<"${m[1]}"
	[ "$bad" = 0 ] && [ "$bad2" = 0 ] || {
		echo "a run failed: $bad $bad2"
		over=$((over + 1))
	}
	echo "$what: bwrap $(ms "$a") ms, shim $(ms "$b") ms"
	report "$what: shim / bare bwrap" \
		"$(awk -v a="$b" -v b="$a" 'BEGIN { printf "%.2f", a / b }')" \
		"$limit" x
}
"$curl" -s -o page "$at/2000" # what is only done once
v=$("$build/tests/bench_check" "$XDG_RUNTIME_DIR/automode/shim.sock" 50 \
	curl -s "$at/2000" | cut -d' ' -f1)
echo "verdict alone: $(ms "$v") ms"
ratio_of "curl of a small page" 1.35 -s "$at/2000"
ratio_of "curl of a small page into a new file" 2 -s -o page.new "$at/2000"

# 1 GB each way
rate_of() { # WHAT ARGS...: the least time of each counts
	local what=$1
	shift
	for _ in 1 2 3; do
		seconds /usr/bin/curl "$@"
		seconds "$curl" "$@"
	done | awk '
		{ n = NR % 2; if (!(n in t) || $1 < t[n]) t[n] = $1 }
		/failed/ { bad = 1 }
		END { if (bad) print 0; else printf "%.2f\n", t[1] / t[0] }' \
		>"$world/rate"
	report_least "$what: throughput, shim / direct" \
		"$(cat "$world/rate")" 0.9 x
}
seconds() {
	local t0=$EPOCHREALTIME
	"$@" || echo failed
	awk -v a="$t0" -v b="$EPOCHREALTIME" 'BEGIN { print b - a }'
}
size=${BENCH_SEND_BYTES:-1073741824}
rate_of "curl: download of $((size >> 20)) MB" -s -o /dev/null "$at/$size"
# not a hole: the first run looks through all of it, at the pace of a packed
# artefact; to those after it the file is known
head -c "$size" /dev/urandom >"$HOME/send/large"
rate_of "curl: upload of $((size >> 20)) MB" -s -T large "$at/up"
# what has changed is looked through as if it were new
first_of() { # WHAT ARGS...
	local what=$1
	shift
	for _ in 1 2 3; do
		seconds /usr/bin/curl "$@"
		printf x | /usr/bin/dd of="$HOME/send/large" conv=notrunc \
			2>/dev/null
		seconds "$curl" "$@"
	done | awk -v what="$what" '
		{ n = NR % 2; if (!(n in t) || $1 < t[n]) t[n] = $1 }
		/failed/ { bad = 1 }
		END {
			printf "%s: throughput, shim / direct %.2f%s\n", what,
			    t[1] / t[0], bad ? " (a run failed)" : ""
		}'
}
first_of "curl: upload of $((size >> 20)) MB, first look" -s -T large "$at/up"
# the same without the time before it, in which it is looked through
speed_of() { # WHAT ARGS...: what curl says of its transfer
	local what=$1
	shift
	# on two processors each run goes one of two ways, by where its two ends
	# are put: the best of many
	for _ in $(seq 12); do
		/usr/bin/curl -w '%{speed_upload}\n' "$@"
		"$curl" -w '%{speed_upload}\n' "$@"
	done | awk '
		{ n = NR % 2; if ($1 > t[n]) t[n] = $1 }
		END { printf "%.2f\n", t[1] ? t[0] / t[1] : 0 }' >"$world/rate"
	report_least "$what: rate of the transfer, shim / direct" \
		"$(cat "$world/rate")" 0.9 x
}
speed_of "curl: upload of $((size >> 20)) MB" -s -T large "$at/up"

kill $pages
wait $pages 2>/dev/null
trap finish EXIT
