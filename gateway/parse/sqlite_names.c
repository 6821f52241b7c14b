/* SPDX-License-Identifier: Apache-2.0 */
/* See sqlite_names.h.  A PRAGMA in no row is opaque. */
#include "parse/sqlite_names.h"
#include "parse/sqlite.h"
#include <string.h>
#include <strings.h>
#include <talloc.h>

static const struct {
	const char *name;
	unsigned with, without; /* a value */
} pragmas[] = {
    {"analysis_limit", SQL_SESSION, SQL_SESSION},
    {"application_id", SQL_WRITE, SQL_COUNT},
    {"auto_vacuum", SQL_ADMIN, SQL_COUNT},
    {"automatic_index", SQL_SESSION, SQL_COUNT},
    {"busy_timeout", SQL_SESSION, SQL_COUNT},
    {"cache_size", SQL_SESSION, SQL_COUNT},
    {"cache_spill", SQL_SESSION, SQL_COUNT},
    {"case_sensitive_like", SQL_SESSION, SQL_SESSION},
    {"cell_size_check", SQL_SESSION, SQL_COUNT},
    {"checkpoint_fullfsync", SQL_SESSION, SQL_COUNT},
    {"collation_list", SQL_COUNT, SQL_COUNT},
    {"compile_options", SQL_COUNT, SQL_COUNT},
    {"count_changes", SQL_SESSION, SQL_COUNT},
    {"data_version", SQL_COUNT, SQL_COUNT},
    {"database_list", SQL_COUNT, SQL_COUNT},
    {"default_cache_size", SQL_WRITE, SQL_COUNT},
    {"defer_foreign_keys", SQL_SESSION, SQL_COUNT},
    {"empty_result_callbacks", SQL_SESSION, SQL_COUNT},
    {"encoding", SQL_SESSION, SQL_COUNT},
    {"foreign_key_check", SQL_COUNT, SQL_COUNT},
    {"foreign_key_list", SQL_COUNT, SQL_COUNT},
    {"foreign_keys", SQL_SESSION, SQL_COUNT},
    {"freelist_count", SQL_COUNT, SQL_COUNT},
    {"full_column_names", SQL_SESSION, SQL_COUNT},
    {"fullfsync", SQL_SESSION, SQL_COUNT},
    {"function_list", SQL_COUNT, SQL_COUNT},
    {"hard_heap_limit", SQL_SESSION, SQL_COUNT},
    {"ignore_check_constraints", SQL_SESSION, SQL_COUNT},
    {"incremental_vacuum", SQL_ADMIN, SQL_ADMIN},
    {"index_info", SQL_COUNT, SQL_COUNT},
    {"index_list", SQL_COUNT, SQL_COUNT},
    {"index_xinfo", SQL_COUNT, SQL_COUNT},
    {"integrity_check", SQL_COUNT, SQL_COUNT},
    {"journal_mode", SQL_ADMIN, SQL_COUNT},
    {"journal_size_limit", SQL_SESSION, SQL_COUNT},
    {"legacy_alter_table", SQL_SESSION, SQL_COUNT},
    {"locking_mode", SQL_SESSION, SQL_COUNT},
    {"max_page_count", SQL_SESSION, SQL_COUNT},
    {"mmap_size", SQL_SESSION, SQL_COUNT},
    {"module_list", SQL_COUNT, SQL_COUNT},
    {"optimize", SQL_ADMIN, SQL_ADMIN},
    {"page_count", SQL_COUNT, SQL_COUNT},
    {"page_size", SQL_SESSION, SQL_COUNT},
    {"pragma_list", SQL_COUNT, SQL_COUNT},
    {"query_only", SQL_SESSION, SQL_COUNT},
    {"quick_check", SQL_COUNT, SQL_COUNT},
    {"read_uncommitted", SQL_SESSION, SQL_COUNT},
    {"recursive_triggers", SQL_SESSION, SQL_COUNT},
    {"reverse_unordered_selects", SQL_SESSION, SQL_COUNT},
    {"schema_version", SQL_OPAQUE, SQL_COUNT},
    {"secure_delete", SQL_SESSION, SQL_COUNT},
    {"short_column_names", SQL_SESSION, SQL_COUNT},
    {"shrink_memory", SQL_SESSION, SQL_SESSION},
    {"soft_heap_limit", SQL_SESSION, SQL_COUNT},
    {"synchronous", SQL_SESSION, SQL_COUNT},
    {"table_info", SQL_COUNT, SQL_COUNT},
    {"table_list", SQL_COUNT, SQL_COUNT},
    {"table_xinfo", SQL_COUNT, SQL_COUNT},
    {"temp_store", SQL_SESSION, SQL_COUNT},
    {"threads", SQL_SESSION, SQL_COUNT},
    {"trusted_schema", SQL_SESSION, SQL_COUNT},
    {"user_version", SQL_WRITE, SQL_COUNT},
    {"wal_autocheckpoint", SQL_SESSION, SQL_COUNT},
    {"wal_checkpoint", SQL_ADMIN, SQL_ADMIN},
};

const char *const sqlite_shell_functions[] = {"base64",
					      "base85",
					      "decimal",
					      "decimal_add",
					      "decimal_cmp",
					      "decimal_exp",
					      "decimal_mul",
					      "decimal_pow2",
					      "decimal_sub",
					      "decimal_sum",
					      "edit",
					      "ieee754",
					      "ieee754_exponent",
					      "ieee754_from_blob",
					      "ieee754_inc",
					      "ieee754_mantissa",
					      "ieee754_to_blob",
					      "is_base85",
					      "lsmode",
					      "readfile",
					      "regexp",
					      "regexpi",
					      "sha1",
					      "sha1_query",
					      "sha1b",
					      "sha3",
					      "sha3_agg",
					      "sha3_query",
					      "shell_add_schema",
					      "shell_escape_crnl",
					      "shell_idquote",
					      "shell_int32",
					      "shell_module_schema",
					      "shell_putsnl",
					      "sqlar_compress",
					      "sqlar_uncompress",
					      "strtod",
					      "dtostr",
					      "usleep",
					      "writefile",
					      "zipfile",
					      NULL};

unsigned
sqlite_pragma_class(const char *name, bool value)
{
	for (size_t i = 0; i < sizeof(pragmas) / sizeof(*pragmas); i++)
		if (!strcasecmp(pragmas[i].name, name))
			return value ? pragmas[i].with : pragmas[i].without;
	return SQL_OPAQUE;
}

void
sqlite_files(struct sqlite_reader *r, const char *sql)
{
	const char *end;

	if (!r->reads)
		return;
	if (!strcasestr(sql, "readfile") && !strcasestr(sql, "fsdir") &&
	    !strcasestr(sql, "zipfile"))
		return;
	for (; (sql = strpbrk(sql, "'\"")); sql = end + 1) {
		end = strchr(sql + 1, *sql);
		if (!end)
			return;
		if (end > sql + 1)
			r->reads(r, talloc_strndup(r->ctx, sql + 1,
						   (size_t)(end - sql - 1)));
	}
}
