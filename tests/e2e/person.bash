# SPDX-License-Identifier: Apache-2.0
# A person at a terminal of their own, which was there before the session and
# stems from none of its processes.  shellcheck shell=bash

# Called by make_world, before anything of a session runs.
open_terminal() {
	python3 - "$world/person.sock" <<-'X' >/dev/null 2>&1 3>&- &
		import json, os, pty, select, signal, socket, sys, time
		signal.signal(signal.SIGCHLD, signal.SIG_DFL)
		s = socket.socket(socket.AF_UNIX)
		s.bind(sys.argv[1])
		s.listen(1)
		os.setsid() if os.getpid() != os.getsid(0) else None
		while True:
		    c, _ = s.accept()
		    f = c.makefile("rwb", buffering=0)
		    ask = json.loads(f.readline())
		    pid, fd = pty.fork()
		    if pid == 0:
		        os.chdir(ask["cwd"])
		        os.execve(ask["argv"][0], ask["argv"], ask["env"])
		    try:
		        for key in ask["keys"]:
		            time.sleep(0.5)
		            os.write(fd, key.encode())
		        while True:
		            b = os.read(fd, 4096)
		            if not b:
		                break
		            f.write(b)
		    except OSError:
		        pass
		    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
		    f.write(b"\0%d" % status)
		    f.close()
		    c.close()
	X
	terminal=$!
	for _ in $(seq 600); do
		[ -S "$world/person.sock" ] && return 0
		sleep 0.05
	done
	return 1
}

close_terminal() { kill "$terminal" 2>/dev/null || true; }

# person_says KEYS automode's arguments...: with those keys typed
person_says() {
	env -u AUTOMODE_SESSION python3 - "$world/person.sock" "$1" \
		"$automode" "${@:2}" <<-'X'
		import json, os, socket, sys
		keys = [k + ("" if "watch" in sys.argv else "\n") for k in sys.argv[2]]
		c = socket.socket(socket.AF_UNIX)
		c.connect(sys.argv[1])
		c.sendall(json.dumps({"argv": sys.argv[3:], "cwd": os.getcwd(),
		                      "keys": keys, "env": dict(os.environ)}
		                     ).encode() + b"\n")
		said = b""
		while True:
		    b = c.recv(4096)
		    if not b:
		        break
		    said += b
		text, _, status = said.rpartition(b"\0")
		sys.stdout.buffer.write(text)
		sys.exit(int(status))
	X
}

person() { person_says "" "$@"; }
