/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The commands and flags of glab, up to 1.80, by its manual; Debian 12 has no
 * package of it.  See parse/cobra.h for how flags are written; a flag that is
 * missing here is refused.
 */
#include "tools/glab.h"

#define R      "^repo|R="
#define LIST   " page|p= per-page|P= output|F= jq="
#define PERSON "is for the person to do, in a shell of their own"
#define GIT    "runs git with the person's token"
#define OTHERS "runs another program with the person's token"

/* what a row leaves out is zero */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
/* clang-format off */
const struct forge_word glab_words[] = {
{{"", NULL, "version|v ^help|h"}, FORGE_GROUP},
{{"check-update", "update", NULL}, FORGE_LOCAL},
{{"completion", NULL, "shell|s= no-desc"}, FORGE_LOCAL},
{{"version", NULL, NULL}, FORGE_LOCAL},

{{"alias", NULL, NULL}, FORGE_GROUP},
{{"alias delete", NULL, NULL}, FORGE_REFUSE, PERSON},
{{"alias list", "ls", NULL}, FORGE_LOCAL},
{{"alias set", NULL, "shell|s"}, FORGE_REFUSE, PERSON},

{{"api", NULL, "field|F= form= header|H= hostname= include|i input= method|X= output= paginate raw-field|f= silent"}, FORGE_NONE, NULL, NULL, 0, forge_api},

{{"ask", NULL, NULL}, FORGE_REFUSE, "sends what stands here to a model"},
{{"auth", NULL, NULL}, FORGE_GROUP},
{{"auth configure-docker", NULL, NULL}, FORGE_REFUSE, PERSON},
{{"auth docker-helper", NULL, NULL}, FORGE_NONE, NULL, NULL, 0, glab_prints_secret},
{{"auth dpop-gen", NULL, "hostname|h= pat= private-key|p="}, FORGE_NONE, NULL, NULL, 0, glab_prints_secret},
{{"auth git-credential", NULL, NULL}, FORGE_NONE, NULL, NULL, 0, glab_prints_secret},
{{"auth login", NULL, "api-host|a= api-protocol|p= container-registry-domains= device git-protocol|g= hostname|h= job-token|j= ssh-hostname= stdin token|t= use-keyring web"}, FORGE_REFUSE, PERSON},
{{"auth logout", NULL, "hostname|h="}, FORGE_REFUSE, PERSON},
{{"auth status", NULL, "all|a hostname|h= show-token|t"}, FORGE_READ, NULL, NULL, 0, glab_auth_status},

{{"changelog", NULL, NULL}, FORGE_GROUP},
{{"changelog generate", NULL, "config-file= date= from= repo|R= to= trailer= version|v="}, FORGE_READ},

{{"ci", "pipeline pipe", R}, FORGE_GROUP},
{{"ci artifact", "push", "list-paths|l path|p="}, FORGE_READ, NULL, NULL, 0, glab_artifact},
{{"ci cancel", NULL, NULL}, FORGE_GROUP},
{{"ci cancel job", NULL, "dry-run force"}, FORGE_CHANGE, "job"},
{{"ci cancel pipeline", NULL, "dry-run force"}, FORGE_CHANGE, "pipeline"},
{{"ci config", NULL, NULL}, FORGE_GROUP},
{{"ci config compile", NULL, NULL}, FORGE_READ},
{{"ci delete", NULL, "dry-run older-than= page|p= paginate per-page|P= source= status|s="}, FORGE_DELETE, "pipeline"},
{{"ci get", "stats", "branch|b= merge-request|m= jq= output|F= output-format|o= pipeline-id|p= with-job-details|d with-variables"}, FORGE_READ},
{{"ci lint", NULL, "dry-run include-jobs ref="}, FORGE_READ},
{{"ci list", NULL, "name|n= orderBy= order|o= ref|r= scope= sha= sort= source= status|s= updated-after|a= updated-before|b= username|u= yaml-errors|y" LIST}, FORGE_READ},
{{"ci retry", NULL, "branch|b= pipeline-id|p="}, FORGE_CHANGE, "job"},
{{"ci run", "create", "branch|b= input|i= mr variables= variables-env= variables-file= variables-from|f= web|w"}, FORGE_CHANGE, "new pipeline"},
{{"ci run-trig", NULL, "branch|b= input|i= token|t= variables="}, FORGE_CHANGE, "new pipeline"},
{{"ci status", "stats", "branch|b= compact|c live|l output|F="}, FORGE_READ},
{{"ci trace", NULL, "branch|b= pipeline-id|p="}, FORGE_READ},
{{"ci trigger", NULL, "branch|b= pipeline-id|p="}, FORGE_CHANGE, "manual job"},
{{"ci view", NULL, "branch|b= pipelineid|p= web|w"}, FORGE_READ},

{{"cluster", NULL, R}, FORGE_REFUSE, OTHERS},
{{"config", NULL, NULL}, FORGE_GROUP},
{{"config edit", NULL, "local|l"}, FORGE_REFUSE, PERSON},
{{"config get", NULL, "global|g host|h="}, FORGE_NONE, NULL, NULL, 0, glab_prints_secret},
{{"config set", NULL, "global|g host|h="}, FORGE_REFUSE, PERSON},

{{"deploy-key", NULL, R}, FORGE_GROUP},
{{"deploy-key add", NULL, "can-push|c expires-at|e= title|t="}, FORGE_SECRET, "deploy key", NULL, 1},
{{"deploy-key delete", NULL, NULL}, FORGE_DELETE, "deploy key"},
{{"deploy-key get", NULL, NULL}, FORGE_READ},
{{"deploy-key list", "ls", "show-id" LIST}, FORGE_READ},

{{"duo", NULL, NULL}, FORGE_REFUSE, OTHERS},
{{"gpg-key", NULL, NULL}, FORGE_GROUP},
{{"gpg-key add", NULL, NULL}, FORGE_SECRET, "gpg key of the person", NULL, 1},
{{"gpg-key delete", NULL, NULL}, FORGE_DELETE, "gpg key of the person"},
{{"gpg-key get", NULL, NULL}, FORGE_READ},
{{"gpg-key list", "ls", "show-id" LIST}, FORGE_READ},

{{"incident", NULL, R}, FORGE_GROUP},
{{"incident close", NULL, NULL}, FORGE_CHANGE, "incident"},
{{"incident list", "ls", "all|A assignee|a= author= closed|c confidential|C group|g= in= label|l= milestone|m= not-assignee= not-author= not-label= order|o= output-format|O= search= sort|s=" LIST}, FORGE_READ},
{{"incident note", "comment", "message|m="}, FORGE_CHANGE, "comment on incident"},
{{"incident reopen", "open", NULL}, FORGE_CHANGE, "incident"},
{{"incident subscribe", NULL, NULL}, FORGE_CHANGE, "subscription of incident"},
{{"incident unsubscribe", NULL, NULL}, FORGE_CHANGE, "subscription of incident"},
{{"incident view", "show", "comments|c output|F= page|p= per-page|P= resolved system-logs|s unresolved web|w"}, FORGE_READ},

{{"issue", NULL, R}, FORGE_GROUP},
{{"issue board", NULL, NULL}, FORGE_GROUP},
{{"issue board create", NULL, "name|n="}, FORGE_CHANGE, "board"},
{{"issue board view", NULL, "assignee|a= labels|l= milestone|m= state|s="}, FORGE_READ},
{{"issue close", NULL, NULL}, FORGE_CHANGE, "issue"},
{{"issue create", "new", "assignee|a= confidential|c description|d= due-date= epic= label|l= link-type= linked-issues= linked-mr= milestone|m= no-editor recover template= time-estimate|e= time-spent|s= title|t= web weight|w= yes|y"}, FORGE_CHANGE, "new issue"},
{{"issue delete", "del", NULL}, FORGE_DELETE, "issue", "glab issue close NUMBER"},
{{"issue list", "ls", "all|A assignee|a= author= closed|c confidential|C epic|e= group|g= in= issue-type|t= iteration|i= label|l= milestone|m= not-assignee= not-author= not-label= opened|o order= output-format|O= search= sort|s=" LIST}, FORGE_READ},
{{"issue note", "comment", "message|m="}, FORGE_CHANGE, "comment on issue"},
{{"issue reopen", "open", NULL}, FORGE_CHANGE, "issue"},
{{"issue subscribe", "sub", NULL}, FORGE_CHANGE, "subscription of issue"},
{{"issue unsubscribe", "unsub", NULL}, FORGE_CHANGE, "subscription of issue"},
{{"issue update", NULL, "assignee|a= confidential|c description|d= due-date= label|l= lock-discussion milestone|m= public|p title|t= unassign unlabel|u= unlock-discussion weight|w="}, FORGE_CHANGE, "issue"},
{{"issue view", "show", "comments|c output|F= page|p= per-page|P= resolved system-logs|s unresolved web|w"}, FORGE_READ},

{{"iteration", NULL, R}, FORGE_GROUP},
{{"iteration list", "ls", "group|g=" LIST}, FORGE_READ},
{{"job", NULL, R}, FORGE_GROUP},
{{"job artifact", "push", "list-paths|l path|p="}, FORGE_READ, NULL, NULL, 0, glab_artifact},

{{"label", NULL, R}, FORGE_GROUP},
{{"label create", "new", "color|c= description|d= name|n= priority|p="}, FORGE_CHANGE, "label"},
{{"label delete", NULL, NULL}, FORGE_DELETE, "label"},
{{"label edit", NULL, "color|c= description|d= label-id|l= new-name|n= priority|p="}, FORGE_CHANGE, "label"},
{{"label get", NULL, NULL}, FORGE_READ},
{{"label list", "ls", "group|g=" LIST}, FORGE_READ},

{{"mcp", NULL, NULL}, FORGE_REFUSE, "lets others act with the person's token"},
{{"milestone", NULL, R}, FORGE_GROUP},
{{"milestone create", NULL, "description= due-date= group= project= start-date= title="}, FORGE_CHANGE, "milestone"},
{{"milestone delete", NULL, "group= project="}, FORGE_DELETE, "milestone"},
{{"milestone edit", NULL, "description= due-date= group= project= start-date= state= title="}, FORGE_CHANGE, "milestone"},
{{"milestone get", NULL, "group= project="}, FORGE_READ},
{{"milestone list", "ls", "group= include-ancestors project= search= show-id state= title=" LIST}, FORGE_READ},

{{"mr", NULL, R}, FORGE_GROUP},
{{"mr approve", NULL, "sha|s="}, FORGE_CHANGE, "merge request", NULL, 0, glab_approve},
{{"mr approvers", NULL, NULL}, FORGE_READ},
{{"mr checkout", NULL, "branch|b= set-upstream-to|u= track|t"}, FORGE_NONE, NULL, NULL, 0, glab_checkout},
{{"mr close", NULL, NULL}, FORGE_CHANGE, "merge request"},
{{"mr create", "new", "allow-collaboration assignee|a= copy-issue-labels create-source-branch description|d= draft fill|f fill-commit-body head|H= label|l= milestone|m= no-editor push recover related-issue|i= remove-source-branch reviewer= signoff source-branch|s= squash-before-merge target-branch|b= template= title|t= web|w wip yes|y"}, FORGE_CHANGE, "new merge request", NULL, 0, glab_mr_create},
{{"mr delete", "del", NULL}, FORGE_DELETE, "merge request", "glab mr close NUMBER"},
{{"mr diff", NULL, "color= raw"}, FORGE_READ},
{{"mr for", "new-for create-for for-issue issue", "allow-collaboration assignee|a= draft label|l= milestone|m= remove-source-branch target-branch|b= wip with-labels"}, FORGE_CHANGE, "new merge request for issue"},
{{"mr issues", NULL, LIST}, FORGE_READ},
{{"mr list", "ls", "all|A assignee|a= author= closed|c created-after= created-before= deployed-after= deployed-before= draft|d environment= group|g= label|l= merged|M milestone|m= not-draft not-label= order|o= reviewer|r= search= sort|S= source-branch|s= target-branch|t=" LIST}, FORGE_READ},
{{"mr merge", "accept", "auto-merge message|m= rebase|r remove-source-branch|d sha= squash|s squash-message= when-pipeline-succeeds yes|y"}, FORGE_NONE, NULL, NULL, 0, glab_merge},
{{"mr note", "comment", "message|m= unique"}, FORGE_CHANGE, "comment on merge request"},
{{"mr rebase", NULL, "skip-ci"}, FORGE_CHANGE, "branch of merge request"},
{{"mr reopen", "open", NULL}, FORGE_CHANGE, "merge request"},
{{"mr revoke", "unapprove", NULL}, FORGE_CHANGE, "approval of merge request"},
{{"mr subscribe", "sub", NULL}, FORGE_CHANGE, "subscription of merge request"},
{{"mr todo", "add-todo", NULL}, FORGE_CHANGE, "to-do for merge request"},
{{"mr unsubscribe", "unsub", NULL}, FORGE_CHANGE, "subscription of merge request"},
{{"mr update", NULL, "assignee|a= description|d= draft fill|f fill-commit-body label|l= lock-discussion milestone|m= ready|r remove-source-branch reviewer= squash-before-merge target-branch= title|t= unassign unlabel|u= unlock-discussion wip yes|y"}, FORGE_CHANGE, "merge request"},
{{"mr view", "show", "comments|c output|F= page|p= per-page|P= resolved system-logs|s unresolved web|w"}, FORGE_READ},

{{"opentofu", "terraform tf", R}, FORGE_REFUSE, OTHERS},

{{"release", NULL, R}, FORGE_GROUP},
{{"release create", NULL, "assets-links|a= catalog-publish= experimental-notes-text-or-file= milestone|m= name|n= no-close-milestone no-update notes|N= notes-file|F= package-name= publish-to-catalog ref|r= released-at|D= tag-message|T= use-package-registry"}, FORGE_PUBLISH, "release", NULL, 2},
{{"release delete", NULL, "with-tag|t yes|y"}, FORGE_DELETE, "release"},
{{"release download", NULL, "asset-name|n= dir|D="}, FORGE_READ, NULL, NULL, 0, glab_download},
{{"release list", "ls", LIST}, FORGE_READ},
{{"release upload", NULL, "assets-links|a= package-name= use-package-registry"}, FORGE_PUBLISH, "assets of release", NULL, 2},
{{"release view", NULL, "web|w"}, FORGE_READ},

{{"repo", "project", NULL}, FORGE_GROUP},
{{"repo archive", NULL, "format|f= sha|s="}, FORGE_READ, NULL, NULL, 0, glab_archive},
{{"repo clone", NULL, "active archived|a group|g= include-subgroups|G mine|m page= paginate per-page= preserve-namespace|p visibility|v= with-issues-enabled|I with-mr-enabled|M with-shared|S"}, FORGE_NONE, NULL, NULL, 0, glab_repo_clone},
{{"repo contributors", NULL, "order|o= page|p= per-page|P= repo|R= sort|s="}, FORGE_READ},
{{"repo create", "new", "defaultBranch= description|d= group|g= internal|i name|n= private|p public|P readme remoteName= skipGitInit|s tag|t="}, FORGE_NONE, NULL, NULL, 0, glab_repo_create},
{{"repo delete", NULL, "yes|y"}, FORGE_DELETE, "project", NULL, 0, gh_repo_operand},
{{"repo fork", NULL, "clone|c name|n= path|p= remote"}, FORGE_CHANGE, "fork", NULL, 0, glab_repo_fork},
{{"repo list", "ls", "all|a archived group|g= include-subgroups|G member mine|m order|o= sort|s= starred user|u=" LIST}, FORGE_READ},
{{"repo members", NULL, R}, FORGE_GROUP},
{{"repo members add", NULL, "expires-at= role= user-id= username="}, FORGE_SECRET, "member"},
{{"repo members remove", NULL, "user-id= username="}, FORGE_DELETE, "member"},
{{"repo mirror", NULL, "allow-divergence direction= enabled protected-branches-only url="}, FORGE_REFUSE, "sends the project to another address"},
{{"repo publish", NULL, NULL}, FORGE_GROUP},
{{"repo publish catalog", NULL, "repo|R="}, FORGE_PUBLISH, "catalog entry"},
{{"repo search", "find lookup", "page|p= per-page|P= search|s= output|F="}, FORGE_READ},
{{"repo transfer", NULL, "target-namespace|t= yes|y"}, FORGE_CHANGE, "namespace of project", NULL, 0, gh_repo_operand},
{{"repo update", NULL, "archive defaultBranch= description|d="}, FORGE_CHANGE, "project", NULL, 0, gh_repo_operand},
{{"repo view", NULL, "branch|b= output|F= web|w"}, FORGE_READ, NULL, NULL, 0, gh_repo_operand},

{{"schedule", "sched skd", R}, FORGE_GROUP},
{{"schedule create", NULL, "active cron= cronTimeZone= description= ref= variable="}, FORGE_CHANGE, "schedule"},
{{"schedule delete", NULL, NULL}, FORGE_DELETE, "schedule"},
{{"schedule list", "ls", LIST}, FORGE_READ},
{{"schedule run", NULL, NULL}, FORGE_CHANGE, "schedule"},
{{"schedule update", NULL, "active create-variable= cron= cronTimeZone= delete-variable= description= ref= update-variable="}, FORGE_CHANGE, "schedule"},

{{"securefile", NULL, R}, FORGE_GROUP},
{{"securefile create", "upload", NULL}, FORGE_SECRET, "secure file", NULL, 2},
{{"securefile download", NULL, NULL}, FORGE_NONE, NULL, NULL, 0, glab_prints_secret},
{{"securefile get", "show", NULL}, FORGE_READ},
{{"securefile list", "ls", LIST}, FORGE_READ},
{{"securefile remove", "rm delete", "yes|y"}, FORGE_DELETE, "secure file"},

{{"snippet", NULL, R}, FORGE_GROUP},
{{"snippet create", "new", "description|d= filename|f= personal|p title|t= visibility|v="}, FORGE_SEND, "snippet", "leave the text in a file of the workspace", 1},

{{"ssh-key", NULL, NULL}, FORGE_GROUP},
{{"ssh-key add", NULL, "expires-at|e= title|t= usage-type|u="}, FORGE_SECRET, "ssh key of the person", NULL, 1},
{{"ssh-key delete", NULL, "page|p= per-page|P="}, FORGE_DELETE, "ssh key of the person"},
{{"ssh-key get", NULL, "page|p= per-page|P="}, FORGE_READ},
{{"ssh-key list", "ls", "show-id" LIST}, FORGE_READ},

{{"stack", "stacks", R}, FORGE_REFUSE, GIT, "git commands of their own, and glab mr create"},

{{"token", NULL, R}, FORGE_GROUP},
{{"token create", "new", "access-level|A= description= duration|D= expires-at|E= group|g= output|F= scope|S= user|U="}, FORGE_SECRET, "access token", NULL, 0, glab_token},
{{"token list", "ls", "active|a group|g= output|F= user|U="}, FORGE_READ},
{{"token revoke", "rm", "group|g= output|F= user|U="}, FORGE_DELETE, "access token"},
{{"token rotate", "rot", "duration|D= expires-at|E= group|g= output|F= user|U="}, FORGE_SECRET, "access token", NULL, 0, glab_token},

{{"user", NULL, R}, FORGE_GROUP},
{{"user events", NULL, "all|a" LIST}, FORGE_READ},

{{"variable", "var", R}, FORGE_GROUP},
{{"variable delete", "remove", "group|g= scope|s="}, FORGE_DELETE, "variable"},
{{"variable export", "ex", "group|g= output|F= page|p= per-page|P= scope|s="}, FORGE_NONE, NULL, NULL, 0, glab_prints_secret},
{{"variable get", "show", "group|g= json-output output|F= scope|s="}, FORGE_NONE, NULL, NULL, 0, glab_prints_secret},
{{"variable list", "ls", "group|g= instance|i output|F= page|p= per-page|P="}, FORGE_READ, NULL, NULL, 0, glab_variable_list},
{{"variable set", "new create", "description|d= group|g= hidden masked|m protected|p raw|r scope|s= type|t= value|v="}, FORGE_SECRET, "variable"},
{{"variable update", NULL, "description|d= group|g= masked|m protected|p raw|r scope|s= type|t= value|v="}, FORGE_SECRET, "variable"},
};
/* clang-format on */

const size_t glab_nwords = sizeof(glab_words) / sizeof(*glab_words);
