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
#include "exec/mounted.h"
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
	/* why the repository's could not be read, and which: then only what
	 * mends or removes it is judged, by the other layers; NULL */
	const char *profile_error, *profile_path;
	struct command cmd;
	struct effects effects;
	struct bwrap_plan plan;
	struct mounted *mounted;     /* before it was understood */
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
	int interrupted; /* signal that ended the waiting for a person; 0: none
			  */
	struct postcheck *postcheck;
	int64_t fetching; /* since when, in nanoseconds; fetched.c */
	int status;
};

#endif
