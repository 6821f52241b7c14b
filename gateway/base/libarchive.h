/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of libarchive 3.6 and newer that automode calls. */
#ifndef AUTOMODE_BASE_LIBARCHIVE_H
#define AUTOMODE_BASE_LIBARCHIVE_H

#include "base/err.h"
#include <archive.h>
#include <archive_entry.h>

struct archive_functions {
	__typeof__(archive_read_new) *read_new;
	__typeof__(archive_read_free) *read_free;
	__typeof__(archive_read_open_memory) *read_open_memory;
	__typeof__(archive_read_next_header) *read_next_header;
	__typeof__(archive_read_data) *read_data;
	__typeof__(archive_format) *format;
	__typeof__(archive_entry_pathname) *entry_pathname;
	__typeof__(archive_entry_symlink) *entry_symlink;
	__typeof__(archive_entry_hardlink) *entry_hardlink;
	__typeof__(archive_entry_uname) *entry_uname;
	__typeof__(archive_entry_gname) *entry_gname;
	/* what it reads; no filter that starts a program */
	__typeof__(archive_read_support_filter_gzip) *filter_gzip;
	__typeof__(archive_read_support_filter_bzip2) *filter_bzip2;
	__typeof__(archive_read_support_filter_xz) *filter_xz;
	__typeof__(archive_read_support_filter_lzma) *filter_lzma;
	__typeof__(archive_read_support_filter_zstd) *filter_zstd;
	__typeof__(archive_read_support_filter_compress) *filter_compress;
	__typeof__(archive_read_support_format_tar) *format_tar;
	__typeof__(archive_read_support_format_zip) *format_zip;
	__typeof__(archive_read_support_format_7zip) *format_7zip;
	__typeof__(archive_read_support_format_raw) *format_raw;
};

/* NULL with e set where it cannot be loaded. */
const struct archive_functions *libarchive(struct err *e);

#endif
