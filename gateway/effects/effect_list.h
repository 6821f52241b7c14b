/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The master list of effects: EFFECT(identifier, "policy.spelling",
 * "what it does, as a sentence fragment after the command").
 * Order is the order in which `automode rules` prints.
 */
EFFECT(REF_CREATE, "ref.create", "creates a ref")
EFFECT(REF_MOVE, "ref.move", "moves a ref")
EFFECT(REF_DELETE, "ref.delete", "deletes a ref")
EFFECT(REF_OVERWRITE, "ref.overwrite", "replaces what a ref points at")
EFFECT(HISTORY_REWRITE, "history.rewrite", "rewrites commits")
EFFECT(REFLOG_EXPIRE, "reflog.expire",
       "drops what only reflogs or loose objects keep")
EFFECT(WORKTREE_DISCARD, "worktree.discard", "discards uncommitted changes")
EFFECT(INDEX_DISCARD, "index.discard", "discards staged changes")
EFFECT(UNTRACKED_DELETE, "untracked.delete",
       "deletes untracked or ignored files")
EFFECT(STASH_DROP, "stash.drop", "drops stash entries")
EFFECT(FILE_READ, "file.read", "reads")
EFFECT(FILE_WRITE, "file.write", "writes files")
EFFECT(FILE_OVERWRITE, "file.overwrite", "overwrites a file")
EFFECT(FILE_DELETE, "file.delete", "deletes a file")
EFFECT(FILE_MODE, "file.mode", "changes modes or owners")
EFFECT(TREE_DELETE, "tree.delete", "deletes a directory tree")
EFFECT(DEVICE_WRITE, "device.write", "writes to a device")
EFFECT(NET_FETCH, "net.fetch", "fetches from a host")
EFFECT(NET_SEND, "net.send", "sends content to a host")
EFFECT(SECRET_SEND, "secret.send", "sends a credential")
EFFECT(PUBLISH, "publish", "publishes")
EFFECT(SECRET_READ, "secret.read", "reads a credential")
EFFECT(SECRET_PRINT, "secret.print", "prints a credential")
EFFECT(SECRET_WRITE, "secret.write", "changes a stored credential")
EFFECT(DB_READ, "db.read", "reads a database")
EFFECT(DB_WRITE, "db.write", "writes to a database")
EFFECT(DB_DESTROY, "db.destroy", "destroys data in a database")
EFFECT(DB_SCHEMA, "db.schema", "changes a database schema")
EFFECT(EXEC_FETCHED, "exec.fetched", "runs fetched code")
EFFECT(EXEC_CONFIG, "exec.config", "runs a program named by configuration")
EFFECT(EXEC_UNKNOWN, "exec.unknown",
       "does something that automode does not understand")
EFFECT(GUARD_WEAKEN, "guard.weaken", "weakens a guard")
EFFECT(REVIEW_BYPASS, "review.bypass", "skips a check of the project")
EFFECT(PERSIST, "persist", "installs something that runs later")
EFFECT(PRIVILEGE, "privilege", "gains privileges")
EFFECT(PROCESS_SIGNAL, "process.signal", "signals a process")
EFFECT(REMOTE_EXEC, "remote.exec", "runs a command on another machine")
EFFECT(SERVICE_CHANGE, "service.change", "changes a service")
EFFECT(RESOURCE_DELETE, "resource.delete", "deletes a remote resource")
EFFECT(RESOURCE_CHANGE, "resource.change", "changes a remote resource")
