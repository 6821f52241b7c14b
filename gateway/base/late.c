/* SPDX-License-Identifier: Apache-2.0 */
/* Libraries loaded when they are needed. */
#include "base/late.h"
#include <dlfcn.h>
#include <string.h>

int
late_load(const char *soname, const char *package,
	  const struct late_function *functions, size_t n, struct err *e)
{
	void *library = dlopen(soname, RTLD_NOW | RTLD_LOCAL);

	if (library == NULL)
		return err_set(e, ERR_SYSTEM, "%s: apt install %s", dlerror(),
			       package);
	for (size_t i = 0; i < n; i++) {
		void *f = dlsym(library, functions[i].name);

		if (f == NULL)
			return err_set(e, ERR_SYSTEM, "%s has no %s", soname,
				       functions[i].name);
		memcpy(functions[i].pointer, &f, sizeof(f));
	}
	return 0;
}
