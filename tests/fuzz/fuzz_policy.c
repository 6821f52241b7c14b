/* SPDX-License-Identifier: Apache-2.0 */
/* Any text as a profile: an error or a policy, and the policy prints to a
 * text that loads to the same. */
#include "base/err.h"
#include "policy/policy.h"
#include <git2.h>
#include <stdint.h>
#include <talloc.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	void *ctx = talloc_new(NULL);
	struct policy *a = talloc_zero(ctx, struct policy);
	struct policy *b = talloc_zero(ctx, struct policy);
	char *text = talloc_strndup(ctx, (const char *)data, size);
	struct err e = {0};
	char *one, *two;

	git_libgit2_init();
	if (policy_read_text(ctx, a, text, LAYER_USER, &e) == 0) {
		one = policy_print(ctx, a);
		if (policy_read_text(ctx, b, one, LAYER_USER, &e) < 0)
			BUG("what was printed does not load: %s", e.msg);
		two = policy_print(ctx, b);
		if (strcmp(one, two) != 0)
			BUG("print, load, print differs");
	}
	talloc_free(ctx);
	return 0;
}
