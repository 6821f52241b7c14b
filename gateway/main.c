/* SPDX-License-Identifier: Apache-2.0 */
/* `automode`: command line and gateway are one program. */
#include "cli/cli.h"

int
main(int argc, char **argv)
{
	return cli_main(argc, argv);
}
