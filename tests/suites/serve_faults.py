#!/usr/bin/env python3
"""serve_faults.py - mail under load while something breaks, behind a real Postfix: tests/peers/faults.py, with few messages."""
import sys
from _tap import Tap
from peers import faults

faults.MESSAGES = 200
sys.exit(Tap("serve_faults").run(*faults.FAULTS))
