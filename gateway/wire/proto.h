/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What shim and command line say to the gateway, and what it answers.
 *
 * Transport: SOCK_STREAM Unix socket.  A frame is
 *
 *	u32 length of what follows the length field (<= LIMIT_FRAME)
 *	u32 type (enum frame_type)
 *	bytes
 *
 * in host byte order (both ends are on one machine and of one build).  The
 * body is a sequence of fields, each u32 length + bytes; numbers are fields
 * of 8 bytes (u64).  No field is ever text to be parsed again.
 *
 *   client                                   gateway
 *   FRAME_REQUEST + fds by SCM_RIGHTS   ->
 *   FRAME_SIGNAL (number)               ->   any time while it runs
 *                                       <-   FRAME_STOPPED | FRAME_CONTINUED
 *                                       <-   FRAME_REPLY (bytes; check only)
 *                                       <-   FRAME_HAND_OVER (path, argv)
 *                                       <-   FRAME_EXIT (status), then EOF
 *
 * EOF without FRAME_EXIT means that the gateway died: the client exits 125.
 * A client that goes away has its command killed (SIGKILL to the box).
 *
 * FRAME_HAND_OVER: nothing is changed by the command, and the shim becomes
 * the program itself: bytes path, u64 number under which the program gets the
 * descriptor that may come with it, u64 argc, then argc fields.  What the
 * gateway sends after it is not read any more.
 *
 * FRAME_REQUEST body, in this order:
 *	u64 PROTO_VERSION
 *	u64 kind (enum request_kind)
 *	u64 umask, u64 nice + 20
 *	u64 mask of ignored signals (bit n-1 = signal n)
 *	u64 rows, u64 columns            0 0: no terminal
 *	u64 mask of which of fds 0-2 are open
 *	u64 number of limits, then per limit u64 resource, cur, max
 *	u64 number of extra fds, then per fd u64 its number in the caller
 *	bytes path of the cwd (getcwd; "" when it is gone)
 *	u64 argc, then argc fields; argv[0] as called
 *	u64 envc, then envc fields
 * Descriptors, in this order, in the control message of the first byte:
 *	cwd (O_PATH), then those of 0-2 that are open, then the extra ones.
 *
 * shims/shim.c speaks the same and includes this header (no other of ours).
 */
#ifndef AUTOMODE_WIRE_PROTO_H
#define AUTOMODE_WIRE_PROTO_H

#define PROTO_VERSION 1u

enum frame_type {
	FRAME_REQUEST = 1,
	FRAME_SIGNAL = 2,
	FRAME_EXIT = 3,
	FRAME_STOPPED = 4,
	FRAME_CONTINUED = 5,
	FRAME_REPLY = 6,
	FRAME_HAND_OVER = 7,
	/* worker and monitor, on their own socketpair; see wire/channel.h */
	FRAME_RECORD = 16,
	FRAME_SESSION = 17,
	FRAME_ENTRY = 18,
	FRAME_FACTS = 19,
	FRAME_ACK = 20,
	FRAME_APPROVAL = 21,
};

enum request_kind {
	REQUEST_RUN = 1,   /* argv is a tool and its arguments */
	REQUEST_CHECK = 2, /* the verdict only; FRAME_REPLY carries JSON */
	REQUEST_CONTROL =
	    3, /* argv is an automode command: control socket only */
};

/* Exit statuses of ours; everything else is the command's. */
enum exit_status {
	EXIT_DENIED = 126,
	EXIT_ABSENT = 127,     /* the shim stands before no program */
	EXIT_NO_GATEWAY = 125, /* unreachable, or refused to answer */
	EXIT_USAGE = 64,
	EXIT_UNAVAILABLE = 69,
};

/* Or'ed to the status of FRAME_EXIT by the monitor, which has none of the
 * client's descriptors: the reason is still to be told. */
#define EXIT_UNTOLD 0x100u

#define SHIM_SOCKET    "shim.sock"
#define CONTROL_SOCKET "control.sock"

#endif
