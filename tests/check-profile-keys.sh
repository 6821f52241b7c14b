#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The man page of profiles and the table of keys say the same.
set -u
cd "$(dirname "$0")/.." || exit 1
page=gateway/cli/automode.profile.5

# SECTION.SUB.VARIABLE POWER of each row of the table
table() {
	tr '\n' ' ' <gateway/policy/keys.c |
		grep -o '{"[a-z]*", SUB_[A-Z]*, [^,]*, TYPE_[A-Z]*, POWER_[A-Z]*' |
		sed -e 's/[{",]//g' | while read -r section sub name _ power; do
		case $sub in
		SUB_EFFECT) key="effect.<effect>.<scope>" ;;
		SUB_NAME) key="$section.<name>.$name" ;;
		*) key=$section.$name ;;
		esac
		case $power in
		POWER_TIGHTENS) echo "$key any file" ;;
		POWER_LOOSENS) echo "$key trusted" ;;
		*) echo "$key owner" ;;
		esac
	done | sort
}

described() {
	sed -n 's/^\.It Va \([^ ]*\) Pq \(.*\)$/\1 \2/p' $page | sort
}

n=0 bad=0
while read -r line; do
	n=$((n + 1))
	if described | grep -qxF "$line"; then
		echo "ok $n - $line is described"
	else
		echo "not ok $n - $line is not described"
		bad=1
	fi
done < <(table)
while read -r line; do
	n=$((n + 1))
	if table | grep -qxF "$line"; then
		echo "ok $n - $line exists"
	else
		echo "not ok $n - $line is no key"
		bad=1
	fi
done < <(described)
n=$((n + 1))
if mandoc -T lint -W warning $page; then
	echo "ok $n - mandoc"
else
	echo "not ok $n - mandoc"
	bad=1
fi
echo "1..$n"
exit $bad
