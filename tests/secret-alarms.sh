#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# How often the secret engine takes public source code for a credential: every
# file of text below the folders given (else: of this machine's packages), and
# its recall on generated tokens of each family.  A private key that is one is
# no alarm.  Prints TAP.
#
#	secret-alarms.sh BUILD [FOLDER...]
set -u
build=$1
shift
[ $# -gt 0 ] || set -- /usr/include /usr/share /usr/lib /usr/src
cd "$(dirname "$0")/.." || exit 1
out=$(mktemp)
trap 'rm -f "$out" "$out.settled"' EXIT
# the SDKs of others bring credentials of theirs that are meant to be read
find "$@" -xdev -type f -size -2M -readable \
	! -name '*.gz' ! -name '*.so*' ! -name '*.a' ! -name '*.o' \
	! -name '*.png' ! -name '*.mo' ! -name '*.pyc' ! -name '*.ko' \
	! -path '*/google-cloud-sdk/*' \
	-print0 2>/dev/null |
	LC_ALL=C sort -z |
	xargs -0r -n 2000 "$build/tests/unit/test_secrets" >"$out"
read -r found files bytes < <(awk '/ of [0-9]+ files, / {
	f += $1; n += $3; b += $5 } END { print f + 0, n + 0, b + 0 }' "$out")
# which of them are real (keys in test suites are) others can tell
grep -v ' of [0-9]* files, ' "$out" | tests/settle-keys.py >"$out.settled"
right=$(grep -c '^right ' "$out.settled")
alarms=$(grep -c '^false ' "$out.settled")
grep '^false ' "$out.settled" | sed 's/^false /# /' | head -n 40
echo "# $found of $files files, $((bytes / 1000000)) MB: in $right a key that" \
	"openssl, ssh-keygen or gpg reads, $alarms false alarms"
if [ "$files" -ge 10000 ] && [ $((alarms * 10000)) -lt "$files" ]; then
	echo "ok 1 - fewer than 1 file in 10000 of public code is an alarm"
else
	echo "not ok 1 - fewer than 1 file in 10000 of public code is an alarm"
fi
if "$build/tests/unit/test_secrets" >/dev/null 2>&1 &&
	"$build/tests/unit/test_secret_tokens" >/dev/null 2>&1; then
	echo "ok 2 - generated tokens of every family are found"
else
	echo "not ok 2 - generated tokens of every family are found"
fi
echo 1..2
