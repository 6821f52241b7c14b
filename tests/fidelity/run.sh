#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Fidelity suite: see run.py.
exec python3 "$(dirname "$0")/run.py" "$@"
