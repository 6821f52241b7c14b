/* SPDX-License-Identifier: Apache-2.0 */
/* libpq and OpenSSL, loaded by the process that needs them. */
#include "base/libpq.h"
#include "base/late.h"

const struct libpq_functions *
libpq(struct err *e)
{
	static struct libpq_functions q;
	static const struct late_function functions[] = {
	    {"PQconnectStartParams", &q.connect_start},
	    {"PQconnectPoll", &q.connect_poll},
	    {"PQconnectionNeedsPassword", &q.needs_password},
	    {"PQsocket", &q.socket},
	    {"PQerrorMessage", &q.error_message},
	    {"PQparameterStatus", &q.parameter_status},
	    {"PQbackendPID", &q.backend_pid},
	    {"PQsslStruct", &q.ssl_struct},
	    {"PQsetNoticeProcessor", &q.set_notice_processor},
	    {"PQgetCancel", &q.get_cancel},
	    {"PQcancel", &q.cancel},
	    {"PQexec", &q.exec},
	    {"PQgetvalue", &q.getvalue},
	    {"PQntuples", &q.ntuples},
	    {"PQclear", &q.clear},
	    {"PQfinish", &q.finish},
	};

	if (q.finish == NULL &&
	    late_load("libpq.so.5", "libpq5", functions,
		      sizeof(functions) / sizeof(functions[0]), e) < 0)
		return NULL;
	return &q;
}

const struct libssl_functions *
libssl(struct err *e)
{
	static struct libssl_functions s;
	static const struct late_function functions[] = {
	    {"SSL_read", &s.read},
	    {"SSL_write", &s.write},
	    {"SSL_get_error", &s.get_error},
	    {"SSL_has_pending", &s.has_pending},
	    {"SSL_set_read_ahead", &s.set_read_ahead},
	    {"ERR_clear_error", &s.clear_error},
	};

	if (s.clear_error == NULL &&
	    late_load("libssl.so.3", "libssl3", functions,
		      sizeof(functions) / sizeof(functions[0]), e) < 0)
		return NULL;
	return &s;
}
