/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of libpq 15 and of its TLS library that automode calls. */
#ifndef AUTOMODE_BASE_LIBPQ_H
#define AUTOMODE_BASE_LIBPQ_H

#include "base/err.h"
#include <libpq-fe.h>

struct libpq_functions {
	__typeof__(PQconnectStartParams) *connect_start;
	__typeof__(PQconnectPoll) *connect_poll;
	__typeof__(PQconnectionNeedsPassword) *needs_password;
	__typeof__(PQsocket) *socket;
	__typeof__(PQerrorMessage) *error_message;
	__typeof__(PQparameterStatus) *parameter_status;
	__typeof__(PQbackendPID) *backend_pid;
	__typeof__(PQsslStruct) *ssl_struct;
	__typeof__(PQsetNoticeProcessor) *set_notice_processor;
	__typeof__(PQgetCancel) *get_cancel;
	__typeof__(PQcancel) *cancel;
	__typeof__(PQexec) *exec;
	__typeof__(PQgetvalue) *getvalue;
	__typeof__(PQntuples) *ntuples;
	__typeof__(PQclear) *clear;
	__typeof__(PQfinish) *finish;
};

/* Of OpenSSL 3; ssl is what ssl_struct(conn, "OpenSSL") says. */
#define LIBSSL_WANT_READ  2
#define LIBSSL_WANT_WRITE 3
struct libssl_functions {
	int (*read)(void *ssl, void *buf, int num);
	int (*write)(void *ssl, const void *buf, int num);
	int (*get_error)(const void *ssl, int ret);
	int (*has_pending)(const void *ssl);
	void (*set_read_ahead)(void *ssl, int yes);
	void (*clear_error)(void);
};

/* NULL with e set where it cannot be loaded. */
const struct libpq_functions *libpq(struct err *e);
const struct libssl_functions *libssl(struct err *e);

#endif
