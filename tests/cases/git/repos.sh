#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the repositories of the .case files: repos.sh NAME DIR
#
#	DIR/home  the person's home     DIR/place the repository
#	DIR/origin.git, DIR/foreign.git, DIR/lib.git, DIR/linked
set -eu
name=$1 dir=$2
mkdir -p "$dir/home"
cd "$dir"
export HOME="$dir/home" GIT_CONFIG_NOSYSTEM=1
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_CONFIG_GLOBAL
git config --global user.name Dana
git config --global user.email dana@example.com
git config --global init.defaultBranch main
git config --global protocol.file.allow always
tick=1767000000
stamp() {
	tick=$((tick + 60))
	export GIT_AUTHOR_DATE="$tick +0000" GIT_COMMITTER_DATE="$tick +0000"
}
commit() { # NAME TEXT MESSAGE
	stamp
	printf '%s\n' "$2" >>"$1"
	git add "$1"
	git commit -q -m "$3"
}

# What every repository here has: see local-refs.case.
basic() {
	git init -q --bare origin.git
	git init -q place
	cd place
	mkdir sub
	echo a >a
	echo b >b
	echo c >sub/c
	printf 'ign\n*.o\n' >.gitignore
	stamp
	git add .
	git commit -q -m one
	commit a two two
	git remote add origin ../origin.git
	git push -q -u origin main
	git remote set-head origin main
	git branch -q merged HEAD~1
	git checkout -q -b feature
	commit f f f
	git push -q -u origin feature
	commit f g g
	git checkout -q main
	git branch -q unmerged feature
	git tag v1
	stamp
	git tag -a -m ann v2
	git push -q origin feature:remote-only
	git fetch -q
	git branch -q other main
	git config branch.other.description hello
	for n in 1 2; do
		echo stash$n >>a
		stamp
		git stash -q
	done
	git worktree add -q ../linked -b linked
	# "the branch before was feature"
	git checkout -q feature
	git checkout -q main
}

dirty() {
	basic
	echo mod >>a
	echo st >>b
	git add b
	echo unt >unt
	echo ign >ign
}

# Folders to be served: one with a .env, one with a key, one without.
serving() {
	basic
	mkdir -p site/node_modules/x api keys ../bin
	echo '<p>' >site/index.html
	echo 'SESSION_SECRET=Vq7xLm29TzRb4KpWs8Yd' >api/.env
	printf 'PORT=3000\nHOST=localhost\n' >site/.env
	{
		echo '-----BEGIN EC PRIVATE KEY-----'
		echo MHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY4bPoAoGCCqG
		echo '-----END EC PRIVATE KEY-----'
	} | tee keys/tls.key >site/node_modules/x/test.key
	echo '-----BEGIN CERTIFICATE-----' >site/ca.pem
	for p in php ruby; do
		printf '#!/bin/sh\n' >../bin/$p
		chmod 755 ../bin/$p
	done
}

# Remote branches in every relation to the local ones:
#	main	even	own	rewritten here, one own commit goes
#	shared	rewritten here, two commits of Colin go
#	ahead	forward by one		gone	merged, deletable
#	guarded/x  rewritten, protected by the profile
#	tags v1 (there), v3 (only here)
remotes() {
	basic
	for b in own shared guarded/x; do
		git checkout -q -b $b main
		commit "o-$(echo "$b" | tr / -)" "$b 1" "$b, first"
		git push -q -u origin $b
	done
	git checkout -q -b ahead main
	git push -q -u origin ahead
	commit ah ahead ahead
	git branch -q gone main~1
	git push -q origin gone v1
	git tag v3 main~1
	git clone -q ../origin.git ../colin
	(
		cd ../colin
		git config user.name 'Colin Colleague'
		git config user.email colin@example.com
		git checkout -q shared
		commit s1 x 'Colin one'
		commit s2 x 'Colin two'
		git push -q origin shared
	)
	rm -rf ../colin
	for b in own shared guarded/x; do
		git checkout -q $b
		stamp
		git commit -q --amend -m "$b, again"
	done
	git checkout -q main
	git init -q --bare ../foreign.git
	git init -q --bare ../lib.git
	git push -q ../lib.git main
	git remote add repointed ../origin.git
	git remote add mirror ../origin.git
	git config remote.mirror.mirror true
	git remote add plus ../origin.git
	git config remote.plus.push +refs/heads/own:refs/heads/own
	git config url."$dir/foreign".insteadOf hop:
	git remote add hopped hop:.git
	git remote add far https://user:secret@git.example.com/x.git
	git remote add ssh git@git.example.com:x.git
	git remote add away git@git.example.com:origin.git
	git remote add ext 'ext::sh -c date'
	git config alias.st status
	git config alias.pf 'push --force'
	git config alias.loop1 loop2
	git config alias.loop2 loop1
	git config alias.boom '!rm -rf .'
	git config alias.quoted '-c user.name="A B" commit --allow-empty -m "x y"'
	git config alias.up.down status
	git config alias.hidden '-c core.sshCommand=/x fetch origin'
	git config alias.far '--git-dir=/x status'
	git config alias.tail '!echo'
}

submodules() {
	basic
	git init -q ../lib
	(
		cd ../lib
		commit l l lib
	)
	git clone -q --bare ../lib ../lib.git
	rm -rf ../lib
	git submodule --quiet add ../lib.git vendor/lib
	stamp
	git commit -q -m sub
	git push -q origin main
}

hooked() {
	basic
	for h in pre-commit pre-push; do
		printf '#!/bin/sh\nexit 0\n' >.git/hooks/$h
		chmod +x .git/hooks/$h
	done
}

case $name in
basic | dirty | serving | remotes | submodules | hooked) $name ;;
*)
	echo "no repository $name" >&2
	exit 64
	;;
esac >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
