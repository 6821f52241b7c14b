/* SPDX-License-Identifier: Apache-2.0 */
/* libarchive, loaded by the worker that needs it. */
#include "base/libarchive.h"
#include "base/late.h"

const struct archive_functions *
libarchive(struct err *e)
{
	static struct archive_functions a;
	static const struct late_function functions[] = {
	    {"archive_read_new", &a.read_new},
	    {"archive_read_free", &a.read_free},
	    {"archive_read_open_memory", &a.read_open_memory},
	    {"archive_read_next_header", &a.read_next_header},
	    {"archive_read_data", &a.read_data},
	    {"archive_format", &a.format},
	    {"archive_entry_pathname", &a.entry_pathname},
	    {"archive_entry_symlink", &a.entry_symlink},
	    {"archive_entry_hardlink", &a.entry_hardlink},
	    {"archive_entry_uname", &a.entry_uname},
	    {"archive_entry_gname", &a.entry_gname},
	    {"archive_read_support_filter_gzip", &a.filter_gzip},
	    {"archive_read_support_filter_bzip2", &a.filter_bzip2},
	    {"archive_read_support_filter_xz", &a.filter_xz},
	    {"archive_read_support_filter_lzma", &a.filter_lzma},
	    {"archive_read_support_filter_zstd", &a.filter_zstd},
	    {"archive_read_support_filter_compress", &a.filter_compress},
	    {"archive_read_support_format_tar", &a.format_tar},
	    {"archive_read_support_format_zip", &a.format_zip},
	    {"archive_read_support_format_7zip", &a.format_7zip},
	    {"archive_read_support_format_raw", &a.format_raw},
	};

	if (a.format_raw == NULL &&
	    late_load("libarchive.so.13", "libarchive13", functions,
		      sizeof(functions) / sizeof(functions[0]), e) < 0)
		return NULL;
	return &a;
}
