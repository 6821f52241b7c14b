# SPDX-License-Identifier: Apache-2.0
"""What the random suite chooses from: a generator of command lines a list."""

REVISIONS = ["main", "topic", "feat/x", "merged", "t1", "t3", "HEAD", "HEAD~1", "HEAD^", "main~2", "topic~1",
             "origin/main", "@{u}", "HEAD@{1}", "stash@{0}", "nope", ":/c3", "main^{tree}", "HEAD:f1",
             "t2..main", "main...topic"]
NAMES = ["new1", "new2", "topic", "feat/y", "rel-1", "merged"]
PATHS = ["f1", "f2", "f3", "d1", "d2/g", "d3/m", ".", "untr", "x.log", "nofile", "ign", "tfile", ":/", "*.log",
         "d*/m", ":!f1", "':(glob)d*/g'"]

# {r} a revision, {n} a name of a branch, {p} a path, {i} a number, [a|b|c] up
# to three of these options in any order, (a|b|c) one of these.
EVERYDAY = r"""
git status [-s|-b|--porcelain=v2|-uno|-uall|--ignored|-z|--long|-v]
git log [--oneline|-n 3|--graph|--all|--stat|-p|--format=%h%d%s|--decorate|--name-only|--reverse|-S f1|--grep=c|-1|--date=iso] (|{r}|{r}|{r} -- {p})
git diff [--cached|--stat|--name-status|-w|--word-diff|-U1|--color=always|--exit-code|--check|-M|--numstat|--raw|-R|--binary|-z] (|{r}|{r} {r}|-- {p})
git show [--stat|-s|--format=%H|--name-only|-p|--oneline] {r}
git add [-v|-A|-u|-n|-f|-N|--ignore-errors|--chmod=+x|--refresh|--renormalize] {p}
git commit [-q|-a|--allow-empty|-n|-v|--amend|--no-edit|-s|--dry-run|--short|-i f1|-o f2|--reset-author|--allow-empty-message|--fixup=HEAD~1|--squash=HEAD|-C HEAD|--porcelain] (-m msg|-m a -m b|-F f1||-m x -- f3)
git branch (|-v|-vv|-a|-r|--list "t*"|--merged|--no-merged|--contains t3|{n}|{n} {r}|-d {n}|-D {n}|-m {n} ren|-M topic {n}|-c main {n}|-f {n} {r}|-u origin/main|--unset-upstream|--show-current|--sort=-committerdate|-t tr origin/main|--points-at HEAD|-dr origin/main)
git checkout ({r}|-b {n}|-B {n} {r}|-q {r}|-f {r}|--detach|-- {p}|{r} -- {p}|--orphan orph|-p|-m {r}|-|--ours f1|--theirs f1|-t origin/main|-l -b ll)
git switch ({n}|-c {n}|-C {n} {r}|--detach {r}|-f main|--discard-changes topic|-|--orphan oo|-m topic|--guess main)
git restore [--staged|--worktree|-s {r}|-q|--ours|--ignore-unmerged|--overlay|--source=HEAD~1] {p}
git reset (|--soft|--mixed|--hard|--keep|--merge|-q|-N) (|{r}|-- {p}|{r} -- {p})
git rm [-r|-f|--cached|-q|-n|--ignore-unmatch] {p}
git mv [-f|-k|-v|-n] {p} (moved|d1|f1|d5/z|newdir/)
git clean (-n|-f|-fd|-fx|-fdx|-fdX|-nd|-q -f|-f -e "*.log"|-fd -- d1||-ff)
git stash (|push|push -m x|push -u|push -a|-k|push -- f3|push -S|list|show|show -p|pop|apply|apply --index|drop|clear|branch sb|create|pop stash@{1}|drop stash@{0}|save old|push -q --keep-index)
git merge [--no-ff|--ff-only|--squash|--no-commit|-q|-m mm|-s ours|-X theirs|--no-edit|--stat|--autostash|-n] ({r}|{r}|{r} {r}|--abort|--continue|--quit)
git rebase [-q|-i|--onto main|--autostash|--keep-empty|-f|--root|-r|--exec true|-X ours|--no-ff|--apply] ({r}|{r} {r}|--abort|--continue|--skip|--quit)
git cherry-pick [-x|-n|-e|-s|--ff|-m 1|--allow-empty|-X theirs] ({r}|{r} {r}|--abort|--continue|--skip|--quit)
git revert [--no-edit|-n|-s|-m 1] ({r}|{r}|--abort|--continue|--quit)
git tag (|-l "t*"|-n|{n}|-a -m m {n}|-d t1|-d {n}|-f t2 {r}|-f -a -m z t3|--contains t3|--points-at HEAD|--merged|-v t1)
git fetch [-q|-p|--all|--tags|-n|--dry-run|-v|--prune-tags|-f|-j 2|-a] (|origin|origin main|origin main:refs/remotes/origin/zz|origin +topic:fetched|nope)
git pull [-q|--rebase|--ff-only|--no-rebase|--autostash|-v|--no-edit|-n] (|origin|origin main|origin topic)
git push [-q|-u|--tags|-n|-v|--follow-tags|--porcelain|--atomic|--no-verify|--thin] (|origin|origin HEAD|origin {n}|origin main|origin HEAD:refs/heads/own|origin main:main2|origin t1)
git remote (|-v|show|show -n origin|get-url origin|add r2 ../r.git|rename r2 r3|remove r3|update|prune origin|set-branches origin main|set-head origin -a|set-head origin -d)
git config (-l|--get user.name|user.name B|--unset user.name|--get-regexp user|core.abbrev 8|--list --show-origin|alias.st status|--add x.y 1|--get-all x.y|--unset-all x.y|--type=bool --get core.bare|pull.rebase true|--rename-section x z|--remove-section z|core.autocrlf input|rerere.enabled true|branch.main.rebase true)
git worktree (list|list --porcelain|add ../wt|add -b wb ../wt2|add -q --detach ../wt3 t1|remove ../wt|remove --force ../wt2|prune|prune -n -v|move ../wt ../wtm|lock ../wt|unlock ../wt|repair)
git (reflog|reflog show main|ls-files|ls-files -s|ls-files -o --exclude-standard|ls-tree -r HEAD|rev-parse HEAD|rev-parse --abbrev-ref HEAD|rev-parse --show-toplevel|rev-list --count HEAD|rev-list --objects t1|describe --tags|describe --always --dirty|blame f1|blame -L1,2 d1/m|grep -n l1|grep -c f HEAD|shortlog -sn HEAD)
git (cat-file -p HEAD|cat-file -t t1|for-each-ref|show-ref|show-branch|symbolic-ref HEAD|merge-base main topic|name-rev HEAD|diff-tree -r HEAD|diff-index HEAD|diff-files|fsck|gc -q|gc --auto|repack -adq|prune -n|pack-refs --all|update-index --refresh|update-index --assume-unchanged f4|update-index --no-assume-unchanged f4|update-ref refs/heads/ur HEAD|update-ref -d refs/heads/ur|write-tree|hash-object f1|hash-object -w f1)
git (check-ignore x.log|check-attr -a f1|var GIT_EDITOR|version|bisect start|bisect bad|bisect good t1|bisect reset|bisect log|notes add -m n|notes show|notes remove|notes list|range-diff t2 t3 main|format-patch -1 --stdout|format-patch -1 -o ../out|apply --check f1|am --abort|bundle create ../b main|bundle verify ../b|submodule status|submodule|sparse-checkout list|sparse-checkout set d1|sparse-checkout disable|rerere|rerere status)
git (maintenance run --task=gc --quiet|commit-graph write|multi-pack-index write|verify-commit HEAD|whatchanged -1|cherry -v main topic|ls-remote|ls-remote origin|ls-remote --heads .|replace -l|read-tree HEAD|read-tree -m -u HEAD|checkout-index -a|checkout-index -f -a|merge-tree main topic|merge-file -p f1 f2 f3|stripspace < f1|interpret-trailers f1|fast-export HEAD~1..|request-pull t1 ../r.git|annotate f1|init|init ../newrepo|clone -q . ../cl1|clone --bare . ../cl2|clone --depth 1 file://$PWD ../cl3|clone -b topic ../r.git ../cl4|st|prune-packed|rev-parse --git-dir|rev-parse --verify -q nope)
(echo z >> f1|echo n > new{i}|rm -f f4|rm -r d4|mkdir -p q/w && echo 1 > q/w/e|mv f5 f6|cp f1 f7|rm -rf ign|sed -i s/f/F/ f1|touch f1|ln -sf f1 lnk|chmod +x f1|truncate -s 0 f3|rm -rf q|tee t.txt < f1|find . -name "*.log" -delete|ln f1 hard|install -m 755 f1 inst|dd if=f1 of=dd.out bs=1 status=none)
(git diff > ../patch; git apply -R ../patch|git diff ! git apply --cached|git stash && git stash pop|git ls-files -z ! xargs -0 cat|git log --format=%H ! head -1|git archive HEAD ! tar t)
"""

DESTRUCTIVE = r"""
git reset --hard (|{r}|{r})
git checkout (-f {r}|-- {p}|{r} -- {p}|{r} -- {p}|-B {n} {r})
git clean -fd(|x|X) (|-- {p}|-e "*.log")
git branch (-D topic|-D feat/x|-D new1|-f {n} {r}|-M topic {n}|-M feat/x {n})
git switch (-C {n} {r}|--discard-changes {n})
git stash (drop|clear|-u|-a|pop|pop|apply)
git restore [--staged|--worktree|-s {r}] {p}
git rm (-rf {p}|-f --cached {p})
git mv -f {p} {p}
git commit (--amend -m am|-qam ca)
git rebase (-f|--onto main~2|-q|--abort) {r}
git (merge --abort|update-ref -d refs/heads/{n}|tag -d t1|tag -d new1|tag -f {n} {r})
git (reflog expire --expire=now --all|gc -q --prune=now|reflog delete HEAD@{1}|checkout-index -f -a|read-tree -m -u --reset {r}|read-tree {r}|apply -R ../patch)
git (worktree remove --force ../wt|worktree add -q -f ../wt {r}|pull -q --rebase|fetch -q -f origin main:{n}|cherry-pick {r}|revert --no-edit {r}|merge {r}|symbolic-ref HEAD refs/heads/{n}|sparse-checkout set d1|sparse-checkout disable|notes remove)
git push -f origin (topic|feat/x|HEAD|new1|HEAD~1:refs/heads/own|+topic:own|HEAD:own)
git push (origin :own|origin :new1|--delete origin own|origin +HEAD~1:own|--mirror|--prune origin|-f --all origin|--force-with-lease origin topic|-f)
rm -rf (d1|f1|ign|d2/g|untr|x.log|q|d5)
(mv -f f1 f2|mv -f f1 untr|cp f2 f1|cp f2 x.log|truncate -s 1 f1|truncate -s 1 untr|sed -i s/l/L/ f1|sed -i s/l/L/ x.log|find . -name m -delete|echo zz ! tee f1 untr|dd if=f2 of=untr status=none|ln -sf f1 f2)
"""

# By hand, without a shim, between the others.
WORK = r"""
(echo {i} >> f1|echo {i} > untr|mkdir -p ign q/w; echo {i} > ign/i; echo 1 > q/w/e; echo l > x.log|echo {i} > f2; git add f2|echo k > k{i}; git add .|rm -f f4|git diff > ../patch)
git (checkout -q main|checkout -q topic|stash -q|commit -qm m{i}|tag -f new1|branch -f new1 topic|checkout -q --detach|commit -q --allow-empty -m loose|push -q origin HEAD:own)
"""
