/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What box-transport says to the attendant (transport/), and its answer.
 *
 * SOCK_SEQPACKET Unix socket, one message each way; fields as in wire/proto.h
 * (u32 length + bytes; numbers are fields of 8 bytes).
 *
 *	u64 CARRY_VERSION
 *	bytes name, as called
 *	u64 CARRY_HAS_*; bytes GIT_DIR, bytes GIT_PROTOCOL
 *	u64 number of files, then per file u64 the word that names it (the
 *	    number of words: what is to be written for the last one)
 *	u64 argc, then argc words, without the name
 *
 * Descriptors 0-2 come with it, then those of the files.  The answer is one
 * u64, not a field: the exit status.  Whoever closes the connection before
 * that ends what is carried.
 *
 * shims/box-transport.c includes this header and wire/proto.h.
 */
#ifndef AUTOMODE_WIRE_CARRY_H
#define AUTOMODE_WIRE_CARRY_H

#define CARRY_VERSION	   1u
#define CARRY_HAS_GIT_DIR  1u
#define CARRY_HAS_PROTOCOL 2u

#define CARRY_MAX_WORDS 64	    /* of a request */
#define CARRY_MAX_BYTES (64 * 1024) /* of a request, all fields */
#define CARRY_MAX_FILES 4

/* Where box-transport finds the socket, and is itself found by git. */
#define CARRY_SOCKET "/run/automode/transport"
#define CARRY_SSH    "/run/automode/ssh"
#define CARRY_GPG    "/run/automode/gpg"
#define CARRY_KEYGEN "/run/automode/ssh-keygen"
/* In the transport box, for its git: box-transport as a credential helper, and
 * the broker that it asks.  Short: a socket's address has 108 bytes. */
#define CARRY_HELPER	 "ask-credential"
#define CARRY_CREDENTIAL "/run/automode/https/credential"

#endif
