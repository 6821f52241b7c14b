#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Words, options and transports that run code or send data: what runs is in a
# box, the rest is refused.
# bats file_tags=bare

load bypass

# bats test_tags=words
@test "protocol streams by hand" {
	refused '*raw protocol*' git receive-pack .git
	refused '*raw protocol*' git send-pack ../old/origin.git +HEAD:shared
	refused '*raw protocol*' git http-push "http://127.0.0.1:$port/" main
	refused '*only git itself*' git remote-https "http://127.0.0.1:$port/"
	refused '*raw protocol*' git fetch-pack ../old/origin.git main
	refused '*serves*' git upload-pack .git
}

# bats test_tags=files
@test "aliases, includes and variables that hide words" {
	printf '[alias]\n\tz = !%s\n' "$evil" >included
	attempt git -c alias.x="!$evil" x
	attempt git -c alias.x=y -c alias.y="!$evil" x
	attempt git -c include.path="$repo/included" z
	V=!$evil attempt git --config-env=alias.x=V x
	unharmed
	reversible git -c alias.x='reset --hard' x
	reversible git -c alias.x='-c alias.y=clean y' -c clean.requireForce=0 \
		x -dx
}

# bats test_tags=files
@test "keys in another case" {
	attempt git -c PROTOCOL.ALLOW=always fetch "ext::$evil"
	attempt git -c Protocol.Ext.Allow=always fetch "ext::$evil"
	attempt git -c Core.SshCommand="$evil" fetch ssh://127.0.0.1/x
	attempt git -c CORE.FSMONITOR="$evil" status
	unharmed
}

@test "transports that are programs" {
	mkdir bin
	cp evil bin/git-remote-zz
	behind=:$repo/bin
	plant protocol.ext.allow user
	attempt git fetch "ext::$evil %S"
	plant protocol.allow always
	attempt git ls-remote "ext::$evil"
	plant "url.ext::$evil.insteadOf" e:
	attempt git fetch e:x
	attempt git push zz://x main
	attempt git ls-remote zz::x
	plant remote.origin.vcs zz
	attempt git fetch origin
	unharmed
}

# bats test_tags=files
@test "the program at the other end" {
	attempt git fetch --upload-pack="$evil" origin
	attempt git fetch --upl "$evil" origin
	attempt git ls-remote --exec="$evil" origin
	attempt git push --receive-pack="$evil" origin topic:x
	attempt git push --exe="$evil" origin topic:x
	attempt git clone -u "$evil" ../old/origin.git new
	attempt git archive --remote=../old/origin.git --exec="$evil" HEAD
	unharmed
}

# bats test_tags=files
@test "words that run a command" {
	/usr/bin/git stash -q
	attempt git rebase -q -x "$evil" HEAD~1
	attempt git bisect start HEAD HEAD~2
	attempt git bisect run "$evil"
	attempt git bisect reset
	attempt git filter-branch -f --tree-filter "$evil" HEAD~1..HEAD
	echo x >>file
	attempt git difftool -y -x "$evil"
	attempt git grep -O"$evil" one
	attempt git merge-index "$evil" -a
	attempt git -c trailer.k.command="$evil" interpret-trailers \
		--trailer k=v file
	attempt git -c x.y="$repo" for-each-repo --config=x.y \
		-c alias.z="!$evil" z
	cp evil .git/hooks/pre-commit
	attempt git hook run pre-commit
	attempt git submodule foreach "$evil"
	unharmed
}

@test "data to hosts" {
	attempt git push -o "$(cat file)" "http://127.0.0.1:$port/x" main
	attempt git fetch -o "$(cat file)" "git://127.0.0.1:$port/x"
	attempt git fetch "http://one.two.127.0.0.1:$port/x"
	attempt git ls-remote "git://127.0.0.1:$port/x"
	attempt git archive --remote="git://127.0.0.1:$port/x" HEAD
	unharmed
	refused '*mail*' git send-email --to=x@example.com HEAD~1
	refused '*mail*' git imap-send
	refused '*serves*' git daemon --export-all
	refused '*serves*' git instaweb
}

@test "submodules and LFS of somebody else's" {
	cat >.gitmodules <<-X
		[submodule "s"]
			path = s
			url = http://127.0.0.1:$port/s
		[submodule "t"]
			path = t
			url = ext::$evil
	X
	printf '[lfs]\n\turl = http://127.0.0.1:%s/lfs\n' "$port" >.lfsconfig
	/usr/bin/git update-index --add --cacheinfo \
		"160000,$(/usr/bin/git rev-parse HEAD),s"
	/usr/bin/git update-index --add --cacheinfo \
		"160000,$(/usr/bin/git rev-parse HEAD),t"
	/usr/bin/git add .gitmodules .lfsconfig
	/usr/bin/git commit -qm modules
	attempt git submodule update --init
	attempt git submodule init
	attempt git submodule update s
	attempt git -c protocol.ext.allow=always submodule update --init t
	attempt git clone --recurse-submodules . new
	attempt git fetch --recurse-submodules
	rm -f "$world/came" # the hosts that .gitmodules names
	unharmed
}

# bats test_tags=files
@test "templates" {
	plant_hooks template/hooks
	attempt git clone --template="$repo/template" ../project new
	attempt git -c init.templateDir="$repo/template" clone ../project new2
	plant init.templateDir "$repo/template"
	attempt git init --template="$repo/template" new3
	attempt git -C new3 commit --allow-empty -m x
	attempt git init
	rm -rf .git/hooks/evil
	unharmed
}

# bats test_tags=files
@test "clone -c" {
	attempt git clone -c core.fsmonitor="$evil" ../project new
	attempt git clone -c core.hooksPath="$repo/hooks" ../project new2
	attempt git clone --config=core.sshCommand="$evil" ssh://127.0.0.1/x new3
	attempt git -C new status
	unharmed
}

@test "a partial clone fetches what it lacks" {
	/usr/bin/git -C ../old/origin.git config uploadpack.allowFilter true
	/usr/bin/git clone -q --filter=blob:none --no-checkout \
		"file://$HOME/old/origin.git" partial 2>/dev/null
	cd partial
	attempt git status
	/usr/bin/git config remote.origin.url "http://127.0.0.1:$port/x"
	attempt git log -p
	attempt git checkout -f main
	unharmed
}

# bats test_tags=files
@test "words and keys of newer gits" {
	plant hook.x.command "$evil"
	plant hook.x.event pre-commit
	plant alias.refs "!$evil"
	attempt git commit --allow-empty -m x
	attempt git history reword HEAD
	attempt git replay --onto main HEAD~1..HEAD
	attempt git refs migrate
	unharmed
	reversible git branch --delete-merged
	reversible git no-such-word --hard
}

# bats test_tags=policy
@test "nothing stays behind" {
	# nobody waits for what it holds open
	printf '#!/bin/sh\nsetsid sleep 987.%s >/dev/null 2>&1 3>&- &\n' \
		"$port" >.git/hooks/post-index-change
	chmod +x .git/hooks/post-index-change
	attempt git add a.x
	attempt git -c core.fsmonitor=true status
	sleep 0.2
	found=$(pgrep -f "sleep 987.$port" || true)
	# shellcheck disable=SC2086
	[ -z "$found" ] || kill $found
	[ -z "$found" ]
	refused '*' git maintenance start
	refused '*only git itself*' git fsmonitor--daemon start
	refused '*only git itself*' git credential-cache--daemon "$repo/s"
}

@test "stored credentials" {
	printf 'https://ann:hunter2@example.com\n' >"$HOME/.git-credentials"
	/usr/bin/git config --global credential.helper store
	attempt sh -c 'printf "protocol=https\nhost=example.com\n\n" | git credential fill'
	attempt sh -c 'printf "protocol=https\nhost=example.com\n\n" | git credential-store get'
	attempt git -c alias.x='!printf "protocol=https\nhost=example.com\n\n" | git credential fill' x
	/usr/bin/git config --global --unset credential.helper
	rm "$HOME/.git-credentials"
	[[ "$said" != *hunter2* ]]
}

# bats test_tags=files
@test "core.alternateRefsCommand" {
	plant core.alternateRefsCommand "$evil"
	echo "$HOME/project/.git/objects" >.git/objects/info/alternates
	attempt git fetch "$HOME/project.git" main
	attempt git fetch ../project topic
	unharmed
}

# bats test_tags=files
@test "tar.FORMAT.command" {
	plant tar.evil.command "$evil"
	attempt git archive --format=evil -o out HEAD
	unharmed
}

@test "remote.NAME.uploadpack" {
	plant remote.origin.uploadpack "$evil"
	attempt git fetch
	unharmed
}

# bats test_tags=files
@test "remote.NAME.receivepack" {
	plant remote.origin.receivepack "$evil"
	attempt git push origin HEAD:y
	unharmed
}

@test "gpg.program" {
	plant gpg.program "$evil"
	plant commit.gpgsign true
	attempt git commit --allow-empty -m x
	unharmed
}

@test "log.showSignature" {
	plant gpg.program "$evil"
	plant log.showSignature true
	/usr/bin/git cat-file commit HEAD | sed '/^committer/a\
gpgsig -----BEGIN PGP SIGNATURE-----\
 \
 x\
 -----END PGP SIGNATURE-----' | /usr/bin/git hash-object -w --stdin \
		-t commit >"$HOME/signed"
	/usr/bin/git update-ref refs/heads/main "$(cat "$HOME/signed")"
	attempt git log -1
	unharmed
}
