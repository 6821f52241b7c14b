/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one invocation accumulates on its way through the stages, in flow
 * order; one talloc context, freed whole.  Only pipeline.c, worker.c and
 * control.c see it.
 */
#ifndef AUTOMODE_REQUEST_H
#define AUTOMODE_REQUEST_H

#include "effects/effect.h"
#include "exec/exec.h"
#include "exec/postcheck.h"
#include "invocation/invocation.h"
#include "judge/judge.h"
#include "policy/decide.h"
#include "reversal/reversal.h"
#include "sandbox/bwrap.h"
#include "tools/tool.h"
#include "transport/direct.h"
#include "transport/transport.h"
#include "wire/channel.h"
#include <talloc.h>

/* What the gateway loaded at its start and every worker inherits. */
struct house {
	const char *state_dir, *runtime_dir, *home;
	const struct policy *policy; /* built-in, system and user layers */
	const char *policy_error;    /* why they could not be read; NULL */
	struct boxes boxes;
	struct bwrap_probe probe;
	const struct vocabulary *vocabulary; /* of the user's words */
	struct sessions sessions;
};

struct request {
	const struct house *house;
	struct channel monitor;
	int client; /* connected socket; -1 in tests */
	struct invocation in;
	const struct tool *tool;
	struct policy *policy; /* all layers */
	struct command cmd;
	struct effects effects;
	struct bwrap_plan plan;
	struct running *running;     /* blocked until released */
	struct attendant *attendant; /* NULL: nothing is carried */
	struct parking *parking;     /* between oracle and command */
	struct direct *direct;	     /* NULL: it speaks to nobody itself */
	struct reversal *reversal;
	struct verdict verdict;
	const char *fingerprint; /* of an action that asks; approval.c */
	uint64_t pending;	 /* its number; 0: nothing waits */
	bool absent;		 /* there is no such program */
	bool rejected;		 /* a person has said no */
	struct postcheck *postcheck;
	int status;
};

#endif
