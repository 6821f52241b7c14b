# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
#	free_port [ADDRESS]	prints a port that nobody listens at just now:
#				of those that the kernel gives to no connection

free_port() {
	python3 - "${1:-127.0.0.1}" <<'END'
import random, socket, sys
low = int(open("/proc/sys/net/ipv4/ip_local_port_range").read().split()[0])
while True:
    port = random.SystemRandom().randrange(10000, max(low, 20000))
    try:
        with socket.socket() as s:
            s.bind((sys.argv[1], port))
    except OSError:
        continue
    print(port)
    break
END
}
