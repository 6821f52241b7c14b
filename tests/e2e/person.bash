# SPDX-License-Identifier: Apache-2.0
# A person at a terminal of their own.  shellcheck shell=bash

# person_says KEYS automode's arguments...: with those keys typed
person_says() {
	setsid env -u AUTOMODE_SESSION python3 - "$1" "$automode" "${@:2}" <<-'X'
		import os, pty, sys, time
		pid, fd = pty.fork()
		if pid == 0:
		    os.execv(sys.argv[2], sys.argv[2:])
		for key in sys.argv[1]:
		    time.sleep(0.5)
		    os.write(fd, key.encode() + (b"\n" if "watch" not in sys.argv else b""))
		while True:
		    try:
		        b = os.read(fd, 4096)
		    except OSError:
		        break
		    if not b:
		        break
		    sys.stdout.buffer.write(b)
		sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
	X
}

person() { person_says "" "$@"; }
